// Client: one connection. Reads packets and answers them, and sends what the broker has for it.
// Lives in the frame of its task; while nothing moves it holds no buffer.
//
// Two tasks of one core: run() reads; write() is started when there is output, and ends when there
// is none.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/sync/notification.hpp"
#include "servers/mqtt/access.hpp"
#include "servers/mqtt/broker/broker.hpp"
#include "servers/mqtt/server.hpp"

namespace keel::broker {

class Client final : private Peer {
 public:
  // `listener`: outlives it; null: nobody wants to know.
  Client(Server& server, std::unique_ptr<runtime::Connection> connection,
         AdmissionListener* listener);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Until the connection has ended.
  runtime::Task<> run();

  // The server stops: says so, and ends.
  void dismiss() noexcept;
  // At once.
  void cut() noexcept;
  bool is_registered_as(std::string_view user) const noexcept {
    return let_in_ && identity_.is_registered && identity_.user == user;
  }
  // It may no longer be here: says so, and ends; its will is due.
  void bar() noexcept;

 private:
  // CONNECT, for as long as it is judged.
  struct Wish {
    std::string client_id;
    std::optional<std::string> user_name;
    std::optional<Bytes> password;
    std::unique_ptr<Will> will;
    std::optional<mqtt::Reason> refusal;  // of the will
    bool clean_start = true;
    bool has_assigned_id = false;
  };

  // An enhanced authentication under way. `wish`: of a client that is not in yet.
  struct Authentication {
    std::unique_ptr<AuthenticationExchange> exchange;
    Wish wish;
    unsigned rounds = 0;
  };

  mqtt::ServerConnection& link() noexcept override { return link_; }
  void flush() noexcept override;
  void unblock() noexcept override { unblocked_.set(); }
  void end(mqtt::Reason why) noexcept override;
  bool may_receive(std::string_view topic) const override;

  runtime::Task<bool> receive_more();
  runtime::Wait silence() noexcept;  // how long the client may say nothing
  runtime::Task<> write();
  runtime::Task<bool> wait_for_acknowledgement();
  runtime::Task<> wait_for_room();
  runtime::Task<> on_long_event();
  runtime::Task<> see_off();
  void detach();
  void refuse(mqtt::Reason why, std::uint64_t& cause) noexcept;

  // client_connect.cpp
  runtime::Task<> on_connect();
  Wish take_connect(const mqtt::Connect& connect);
  mqtt::Reason judge_will(const Wish& wish) const;
  Login login_of(const Wish& wish) const;
  runtime::Task<> admit(Identity identity, Wish* wish, ByteView last_data);
  runtime::Task<> let_in(Wish* wish, ByteView last_data);
  runtime::Task<Session*> judge_subscriptions(Session* session);
  void accept(const Wish& wish, const Broker::Attached& attached, ByteView last_data);
  void refuse_connect(mqtt::Reason reason, std::uint64_t& cause) noexcept;
  std::optional<std::uint16_t> keep_alive_override() const noexcept;

  // client_authentication.cpp
  runtime::Task<> begin_authentication(Wish wish, Bytes data);
  runtime::Task<> on_authentication();
  runtime::Task<> take_round(Bytes data);
  runtime::Task<> finish_authentication(AuthenticationExchange::Round round);
  void refuse_authentication(mqtt::Reason reason) noexcept;

  // client_messages.cpp
  void on_event();
  void on_message(const mqtt::Publish& publish);
  // Of packets that are gone by the time of the answer.
  runtime::Task<> on_subscribe(mqtt::Subscribe subscribe);
  runtime::Task<> on_unsubscribe(mqtt::Unsubscribe unsubscribe);
  void on_closed(const mqtt::Closed& closed);
  mqtt::Reason judge(const mqtt::Publish& publish, bool is_handled = false) const;
  void hand_on(TopicHandler& handler, const mqtt::Publish& publish);
  mqtt::ClientNames names() const noexcept;

  Server& server_;
  std::unique_ptr<runtime::Connection> connection_;
  AdmissionListener* listener_;
  mqtt::ServerConnection link_;
  runtime::Received received_;
  Bytes sending_;
  runtime::Cancellation stop_;  // of reading
  runtime::Notification written_;
  runtime::Notification unblocked_;
  Timestamp connect_limit_;
  Session* session_ = nullptr;  // while it is attached
  Identity identity_;
  std::unique_ptr<Authentication> authentication_;  // under way
  std::string client_id_;
  std::optional<std::uint32_t> new_expiry_s_;  // of DISCONNECT
  bool writing_ = false;
  bool lost_ = false;  // the transport is of no use any more
  bool let_in_ = false;
  bool counted_ = false;  // why it ended
};

}  // namespace keel::broker
