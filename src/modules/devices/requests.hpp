// Commands of devices and their answers: described structs, whose payloads are keel::encode() and
// keel::decode() of base/describe. Each names its command type.
//
//   Bytes payload;
//   encode(UpdateTwin{.device = "lamp-1", …}, payload);   // command.type = UpdateTwin::kType
//   … answer.outcome.code is an OutcomeCode, decode<UpdateTwin::Answer>(answer.payload)
//
// Who may say what is the server's to judge: a device may only touch its own, and of its twin only
// what is reported.
#pragma once

#include <optional>

#include "base/hash/digest.hpp"
#include "modules/devices/types.hpp"

namespace keel::devices {

// No answer but the outcome.
struct Nothing {};

// Adds a device or changes it; groups and tags are those given, no others.
struct RegisterDevice {
  static constexpr kernel::CommandType kType{kModule, 1};
  struct Answer {
    std::uint64_t revision = 0;
    static constexpr auto description() {
      return describe<Answer>("keel.devices.Registered", field<1>("revision", &Answer::revision));
    }
  };
  std::string device;
  std::string name;  // kMaxShortText, as the next two
  std::string model;
  std::string serial_number;
  std::vector<std::string> groups;  // kMaxGroups
  std::vector<Tag> tags;            // kMaxTags, a name once; the device does not see them
  bool blocked = false;             // it is not let in, and nothing is done for it
  // Its changes are not kept one by one: it is told how it should be, and not how it came to that.
  bool coalesce = false;
  std::optional<std::uint64_t> expected_revision;  // 0: the device must not be there yet
  static constexpr auto description() {
    using R = RegisterDevice;
    return describe<R>(
        "keel.devices.RegisterDevice",
        field<1>("device", &R::device, required(), doc("1 to 64 of A-Z a-z 0-9 . _ : -")),
        field<2>("name", &R::name), field<3>("model", &R::model),
        field<4>("serial_number", &R::serial_number), field<5>("groups", &R::groups),
        field<6>("tags", &R::tags, doc("The device does not see them.")),
        field<7>("blocked", &R::blocked),
        field<8>("coalesce", &R::coalesce,
                 doc("Changes are not kept one by one while the device is away.")),
        field<9>("expected_revision", &R::expected_revision,
                 doc("Refused unless it is the device's; 0: it must not be there yet.")));
  }
};

// By what a device proves that it is itself. What is not given is as it was; what is empty, or
// zeros, is taken away.
struct SetCredentials {
  static constexpr kernel::CommandType kType{kModule, 2};
  using Answer = Nothing;
  std::string device;
  std::optional<std::string> password_hash;  // "$argon2id$…", made at the edge
  std::optional<Digest> token;               // SHA-256 of a generated one of at least 128 bits
  std::optional<std::string> certificate;    // "cn:NAME", "dns:NAME", "fingerprint:…"
  static constexpr auto description() {
    using S = SetCredentials;
    return describe<S>("keel.devices.SetCredentials", field<1>("device", &S::device),
                       field<2>("password_hash", &S::password_hash, keel::secret()),
                       field<3>("token", &S::token, keel::secret()),
                       field<4>("certificate", &S::certificate));
  }
};

// With its twin, its credentials and what is kept for it. Its open calls go on to their end.
struct RemoveDevice {
  static constexpr kernel::CommandType kType{kModule, 3};
  using Answer = Nothing;
  std::string device;
  static constexpr auto description() {
    return describe<RemoveDevice>("keel.devices.RemoveDevice",
                                  field<1>("device", &RemoveDevice::device, required()));
  }
};

struct UpdateTwin {
  static constexpr kernel::CommandType kType{kModule, 4};
  struct Answer {
    TwinVersion desired_version = 0;
    TwinVersion reported_version = 0;
    Timestamp at;
    static constexpr auto description() {
      return describe<Answer>(
          "keel.devices.Updated", field<1>("desired_version", &Answer::desired_version),
          field<2>("reported_version", &Answer::reported_version), field<3>("at", &Answer::at));
    }
  };
  std::string device;
  TwinPart part{};
  std::string patch;  // a merge patch (RFC 7396): an object, or "null", which empties the part
  std::optional<TwinVersion> expected_version;  // of this part
  static constexpr auto description() {
    using U = UpdateTwin;
    return describe<U>("keel.devices.UpdateTwin", field<1>("device", &U::device),
                       field<2>("part", &U::part), field<3>("patch", &U::patch),
                       field<4>("expected_version", &U::expected_version));
  }
};

// The device has taken the changes of `desired` up to here: they are kept no longer. It may ask in
// the same breath that changes be kept one by one, or not.
struct TakeChanges {
  static constexpr kernel::CommandType kType{kModule, 5};
  using Answer = Nothing;
  std::string device;
  TwinVersion up_to = 0;  // zero: none
  std::optional<bool> coalesce;
  static constexpr auto description() {
    using T = TakeChanges;
    return describe<T>("keel.devices.TakeChanges", field<1>("device", &T::device),
                       field<2>("up_to", &T::up_to), field<3>("coalesce", &T::coalesce));
  }
};

// Devices that came, went or were heard of. A server says it now and then, of many: unknown ones
// are passed over, older times too.
struct SeeDevices {
  static constexpr kernel::CommandType kType{kModule, 6};
  static constexpr std::size_t kMost = 1'024;
  using Answer = Nothing;
  struct Seen {
    std::string device;
    Timestamp at;  // of Keel's clock
    bool connected = false;
    static constexpr auto description() {
      return describe<Seen>("keel.devices.Seen", field<1>("device", &Seen::device),
                            field<2>("at", &Seen::at), field<3>("connected", &Seen::connected));
    }
  };
  std::vector<Seen> devices;  // 1 to kMost
  static constexpr auto description() {
    return describe<SeeDevices>("keel.devices.SeeDevices",
                                field<1>("devices", &SeeDevices::devices));
  }
};

// The server has handed the device, or those who wait for it, what it should be up to this version.
struct PublishTwins {
  static constexpr kernel::CommandType kType{kModule, 7};
  static constexpr std::size_t kMost = 1'024;
  using Answer = Nothing;
  struct Published {
    std::string device;
    TwinVersion version = 0;  // of desired
    static constexpr auto description() {
      return describe<Published>("keel.devices.Published", field<1>("device", &Published::device),
                                 field<2>("version", &Published::version));
    }
  };
  std::vector<Published> devices;  // 1 to kMost
  static constexpr auto description() {
    return describe<PublishTwins>("keel.devices.PublishTwins",
                                  field<1>("devices", &PublishTwins::devices));
  }
};

// Asks a device to do something now.
struct CallMethod {
  static constexpr kernel::CommandType kType{kModule, 8};
  struct Answer {
    CallId call;
    Timestamp deadline;
    static constexpr auto description() {
      return describe<Answer>("keel.devices.Called", field<1>("call", &Answer::call),
                              field<2>("deadline", &Answer::deadline));
    }
  };
  CallId call;  // zero: made of the command's id
  std::string device;
  std::string method;           // 1 to kMaxShortText of A-Z a-z 0-9 . _ : -
  std::string payload;          // JSON; empty: null
  std::uint32_t timeout_s = 0;  // 1 to kMaxTimeoutSeconds
  static constexpr auto description() {
    using C = CallMethod;
    return describe<C>("keel.devices.CallMethod", field<1>("call", &C::call),
                       field<2>("device", &C::device), field<3>("method", &C::method),
                       field<4>("payload", &C::payload), field<5>("timeout_s", &C::timeout_s));
  }
};

// The call is on its way to a device that is there.
struct SendCall {
  static constexpr kernel::CommandType kType{kModule, 9};
  using Answer = Nothing;
  CallId call;
  static constexpr auto description() {
    return describe<SendCall>("keel.devices.SendCall", field<1>("call", &SendCall::call));
  }
};

struct EndCall {
  static constexpr kernel::CommandType kType{kModule, 10};
  using Answer = Nothing;
  CallId call;
  std::string device;     // who answers
  CallResult result{};    // answered, or not_sent
  std::int32_t status{};  // the device's own word for it; 200 is usual for "done"
  std::string payload;    // JSON; empty: null
  static constexpr auto description() {
    using E = EndCall;
    return describe<E>("keel.devices.EndCall", field<1>("call", &E::call),
                       field<2>("device", &E::device), field<3>("result", &E::result),
                       field<4>("status", &E::status), field<5>("payload", &E::payload));
  }
};

}  // namespace keel::devices
