// Queries of devices: a described struct asks, a described struct answers (as requests.hpp). What
// is not there is an answer with `found` false, not an error. Pages go on at `next` until it is
// empty.
#pragma once

#include "modules/devices/events.hpp"

namespace keel::devices {

inline constexpr std::uint32_t kMaxPage = 200;  // rows; a limit of 0 means it

// For a server at the door: is this a device, and how does it prove that it is?
struct GetCredentials {
  static constexpr kernel::QueryType kType{kModule, 1};
  struct Answer {
    bool found = false;
    bool blocked = false;
    std::string password_hash;  // empty: none
    Digest token{};             // SHA-256, compare in constant time; zeros: none
    std::string certificate;    // empty: none
    static constexpr auto description() {
      return describe<Answer>("keel.devices.Credentials", field<1>("found", &Answer::found),
                              field<2>("blocked", &Answer::blocked),
                              field<3>("password_hash", &Answer::password_hash, keel::secret()),
                              field<4>("token", &Answer::token, keel::secret()),
                              field<5>("certificate", &Answer::certificate));
    }
  };
  std::string device;
  static constexpr auto description() {
    return describe<GetCredentials>("keel.devices.GetCredentials",
                                    field<1>("device", &GetCredentials::device));
  }
};

struct DeviceView {
  std::string device;
  std::string name;
  std::string model;
  std::string serial_number;
  std::vector<std::string> groups;
  std::vector<Tag> tags;
  bool blocked = false;
  bool coalesce = false;
  bool has_password = false;
  bool has_token = false;
  std::string certificate;
  std::uint64_t revision = 0;
  Timestamp created_at;
  Timestamp changed_at;  // what the operator says of it
  Timestamp seen_at;     // recorded now and then; zero: never
  bool connected = false;
  TwinVersion desired_version = 0;
  TwinVersion reported_version = 0;
  std::uint64_t kept_changes = 0;  // that the device has not taken
  static constexpr auto description() {
    using D = DeviceView;
    return describe<D>(
        "keel.devices.Device", field<1>("device", &D::device), field<2>("name", &D::name),
        field<3>("model", &D::model), field<4>("serial_number", &D::serial_number),
        field<5>("groups", &D::groups), field<6>("tags", &D::tags),
        field<7>("blocked", &D::blocked), field<8>("coalesce", &D::coalesce),
        field<9>("has_password", &D::has_password), field<10>("has_token", &D::has_token),
        field<11>("certificate", &D::certificate), field<12>("revision", &D::revision),
        field<13>("created_at", &D::created_at), field<14>("changed_at", &D::changed_at),
        field<15>("seen_at", &D::seen_at), field<16>("connected", &D::connected),
        field<17>("desired_version", &D::desired_version),
        field<18>("reported_version", &D::reported_version),
        field<19>("kept_changes", &D::kept_changes));
  }
};

// Devices in the order of their ids, after the one given (empty: from the first). A page may have
// fewer rows than its limit, or none, and still go on: a query looks at a bounded number of
// devices.
struct ListDevices {
  static constexpr kernel::QueryType kType{kModule, 2};
  struct Answer {
    std::vector<DeviceView> devices;
    std::string next;  // ListDevices::after of the next page; empty: this was the last
    static constexpr auto description() {
      return describe<Answer>("keel.devices.Devices", field<1>("devices", &Answer::devices),
                              field<2>("next", &Answer::next));
    }
  };
  std::string after;
  std::string only;
  std::string group;       // empty: of any
  std::optional<Tag> tag;  // that has this name and value
  bool connected = false;  // only those that are
  std::uint32_t limit = 0;
  static constexpr auto description() {
    using L = ListDevices;
    return describe<L>("keel.devices.ListDevices", field<1>("after", &L::after),
                       field<2>("only", &L::only), field<3>("group", &L::group),
                       field<4>("tag", &L::tag), field<5>("connected", &L::connected),
                       field<6>("limit", &L::limit));
  }
};

// Documents are JSON in the written form (twin/json_text.hpp).
struct GetTwin {
  static constexpr kernel::QueryType kType{kModule, 3};
  struct Answer {
    bool found = false;
    std::string desired;
    std::string reported;
    std::string delta;          // what of desired is not reported so; "{}": nothing
    std::string desired_times;  // "$version", and "$updated" at every level
    std::string reported_times;
    TwinVersion desired_version = 0;
    TwinVersion reported_version = 0;
    TwinVersion kept_from = 0;  // changes after it, up to desired_version, are kept
    bool coalesce = false;
    static constexpr auto description() {
      using A = Answer;
      return describe<A>("keel.devices.Twin", field<1>("found", &A::found),
                         field<2>("desired", &A::desired), field<3>("reported", &A::reported),
                         field<4>("delta", &A::delta), field<5>("desired_times", &A::desired_times),
                         field<6>("reported_times", &A::reported_times),
                         field<7>("desired_version", &A::desired_version),
                         field<8>("reported_version", &A::reported_version),
                         field<9>("kept_from", &A::kept_from), field<10>("coalesce", &A::coalesce));
    }
  };
  std::string device;
  static constexpr auto description() {
    return describe<GetTwin>("keel.devices.GetTwin", field<1>("device", &GetTwin::device));
  }
};

struct Change {
  TwinVersion version = 0;
  Timestamp at;
  std::string patch;  // "null": everything was taken away
  static constexpr auto description() {
    return describe<Change>("keel.devices.Change", field<1>("version", &Change::version),
                            field<2>("at", &Change::at), field<3>("patch", &Change::patch));
  }
};

// The changes of `desired` that are kept for a device, the oldest first.
struct ListChanges {
  static constexpr kernel::QueryType kType{kModule, 4};
  static constexpr std::uint32_t kMost = 32;
  struct Answer {
    bool found = false;
    std::vector<Change> changes;
    bool more = false;          // after the last of these
    TwinVersion kept_from = 0;  // those up to it are not kept
    TwinVersion version = 0;    // of desired
    static constexpr auto description() {
      return describe<Answer>(
          "keel.devices.Changes", field<1>("found", &Answer::found),
          field<2>("changes", &Answer::changes), field<3>("more", &Answer::more),
          field<4>("kept_from", &Answer::kept_from), field<5>("version", &Answer::version));
    }
  };
  std::string device;
  TwinVersion after = 0;
  std::uint32_t limit = 0;  // 0, or more than kMost: kMost
  static constexpr auto description() {
    return describe<ListChanges>(
        "keel.devices.ListChanges", field<1>("device", &ListChanges::device),
        field<2>("after", &ListChanges::after), field<3>("limit", &ListChanges::limit));
  }
};

// Devices whose newest desired version has not been handed out (PublishTwins), in the order of
// their ids.
struct ListUnpublished {
  static constexpr kernel::QueryType kType{kModule, 5};
  struct Answer {
    std::vector<PublishTwins::Published> devices;  // with the version handed out last
    std::string next;
    static constexpr auto description() {
      return describe<Answer>("keel.devices.Unpublished", field<1>("devices", &Answer::devices),
                              field<2>("next", &Answer::next));
    }
  };
  std::string after;
  std::uint32_t limit = 0;
  static constexpr auto description() {
    return describe<ListUnpublished>("keel.devices.ListUnpublished",
                                     field<1>("after", &ListUnpublished::after),
                                     field<2>("limit", &ListUnpublished::limit));
  }
};

struct CallView {
  CallId call;
  std::string device;
  std::string method;
  std::string payload;
  CallResult result{};
  std::int32_t status{};
  std::string answer;  // JSON; empty: none yet
  Timestamp requested_at;
  Timestamp sent_at;  // zero: not sent
  Timestamp deadline;
  Timestamp ended_at;  // zero: open
  static constexpr auto description() {
    using C = CallView;
    return describe<C>("keel.devices.Call", field<1>("call", &C::call),
                       field<2>("device", &C::device), field<3>("method", &C::method),
                       field<4>("payload", &C::payload), field<5>("result", &C::result),
                       field<6>("status", &C::status), field<7>("answer", &C::answer),
                       field<8>("requested_at", &C::requested_at), field<9>("sent_at", &C::sent_at),
                       field<10>("deadline", &C::deadline), field<11>("ended_at", &C::ended_at));
  }
};

struct GetCall {
  static constexpr kernel::QueryType kType{kModule, 6};
  struct Answer {
    bool found = false;  // false as well a day after its end
    CallView call;
    static constexpr auto description() {
      return describe<Answer>("keel.devices.CallFound", field<1>("found", &Answer::found),
                              field<2>("call", &Answer::call));
    }
  };
  CallId call;
  static constexpr auto description() {
    return describe<GetCall>("keel.devices.GetCall", field<1>("call", &GetCall::call));
  }
};

// Open calls in the order in which they were asked for.
struct ListOpenCalls {
  static constexpr kernel::QueryType kType{kModule, 7};
  static constexpr std::uint32_t kMost = 32;
  struct Answer {
    std::vector<CallView> calls;
    bool more = false;  // after the last of these
    static constexpr auto description() {
      return describe<Answer>("keel.devices.OpenCalls", field<1>("calls", &Answer::calls),
                              field<2>("more", &Answer::more));
    }
  };
  Timestamp after_time;  // of the last call of the page before
  CallId after;
  static constexpr auto description() {
    return describe<ListOpenCalls>("keel.devices.ListOpenCalls",
                                   field<1>("after_time", &ListOpenCalls::after_time),
                                   field<2>("after", &ListOpenCalls::after));
  }
};

}  // namespace keel::devices
