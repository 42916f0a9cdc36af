// Crowd: the clients and readers of a run. They live on while machines do not: a client asks again
// under the same id until it is answered or gives up, sends an id once more, with the same body or
// another, walks away before the answer; a reader goes on from where it was.
#pragma once

#include "engine/history/subscription.hpp"
#include "sim/torture/stage/site.hpp"

namespace keel::torture {

class Crowd {
 public:
  Crowd(Run& run, Workload& workload, Oracle& oracle);

  // Their tasks begin on the site; clients are spread over all sites.
  void enter(std::vector<Site*> sites);
  // So many commands and queries may still be begun.
  void allow(std::uint32_t asks) { allowed_ = asks; }
  // Nothing new and nobody gives up: what was begun is brought to its end.
  void finish_up() { finishing_ = true; }
  // One client does what the workload must still have done, on the site: after finish_up().
  void do_duties(Site* site);
  bool duties_done() const noexcept { return duties_ == Duties::done; }
  // Every client has what it asked for, and every reader is at the end.
  bool served() const;
  bool readers_at(Position end) const;

 private:
  // What a client is about: kept over restarts.
  struct Client {
    std::uint32_t number = 0;
    std::unique_ptr<Ask> errand;
    bool again = false;       // the errand is a command of before
    bool other_body = false;  // … with another body: must be refused
    bool vanish = false;
    unsigned attempts = 0;
  };
  struct Reader {
    std::uint32_t number = 0;
    PrincipalId principal;
    SubscriptionTold* told = nullptr;
  };

  static runtime::Task<> live(Crowd* crowd, Client* client, Site* site);
  static runtime::Task<> go_on_alone(Crowd* crowd, Ask ask, Site* site);
  static runtime::Task<> read(Crowd* crowd, Reader* reader, Site* site);
  bool draw_errand(Client& client);
  bool draw_duty(Client& client);
  void vanish(Client& client, Site* site);
  void draw_again(Client& client, Ask& ask);
  void heard(Client& client, const Result<engine::Answer>& answer, Position floor);
  void take_over_lost_id(Client& client, const Result<engine::Answer>& answer);
  void failed(Client& client, CommandTold* command, const Error& error);
  void reader_failed(const Reader& reader, const Error& error);

  Run& run_;
  Workload& workload_;
  Oracle& oracle_;
  std::deque<Client> clients_;
  std::deque<Reader> readers_;
  std::vector<Told::CommandKey> answered_;
  std::map<TenantId, Position> revisions_;
  std::optional<Ask> next_page_;
  std::uint32_t allowed_ = 0;
  bool finishing_ = false;
  enum class Duties : std::uint8_t { none, under_way, given_up, done };
  Duties duties_ = Duties::none;
  bool floor_holds_ = true;
};

}  // namespace keel::torture
