// Facts of devices, as they stand in the journal for ever: described structs.
#pragma once

#include "modules/devices/requests.hpp"

namespace keel::devices {

struct DeviceRegistered {
  static constexpr kernel::EventType kEventType{kModule, 1};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string device;
  std::string name;
  std::string model;
  std::string serial_number;
  std::vector<std::string> groups;  // sorted
  std::vector<Tag> tags;            // sorted
  bool blocked = false;
  bool coalesce = false;
  std::uint64_t revision = 0;
  Timestamp at;
  static constexpr auto description() {
    using D = DeviceRegistered;
    return describe<D>("keel.devices.DeviceRegistered", field<1>("device", &D::device),
                       field<2>("name", &D::name), field<3>("model", &D::model),
                       field<4>("serial_number", &D::serial_number), field<5>("groups", &D::groups),
                       field<6>("tags", &D::tags), field<7>("blocked", &D::blocked),
                       field<8>("coalesce", &D::coalesce), field<9>("revision", &D::revision),
                       field<10>("at", &D::at));
  }
};

// All of them, as they are from now on.
struct CredentialsSet {
  static constexpr kernel::EventType kEventType{kModule, 2};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string device;
  std::string password_hash;
  Digest token{};
  std::string certificate;
  static constexpr auto description() {
    using C = CredentialsSet;
    return describe<C>("keel.devices.CredentialsSet", field<1>("device", &C::device),
                       field<2>("password_hash", &C::password_hash, keel::secret()),
                       field<3>("token", &C::token, keel::secret()),
                       field<4>("certificate", &C::certificate));
  }
};

struct DeviceRemoved {
  static constexpr kernel::EventType kEventType{kModule, 3};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string device;
  static constexpr auto description() {
    return describe<DeviceRemoved>("keel.devices.DeviceRemoved",
                                   field<1>("device", &DeviceRemoved::device));
  }
};

struct TwinUpdated {
  static constexpr kernel::EventType kEventType{kModule, 4};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string device;
  TwinPart part{};
  std::string patch;  // in the written form (twin/json_text.hpp)
  TwinVersion version = 0;
  bool kept = false;  // for the device
  Timestamp at;
  static constexpr auto description() {
    using T = TwinUpdated;
    return describe<T>("keel.devices.TwinUpdated", field<1>("device", &T::device),
                       field<2>("part", &T::part), field<3>("patch", &T::patch),
                       field<4>("version", &T::version), field<5>("kept", &T::kept),
                       field<6>("at", &T::at));
  }
};

struct ChangesTaken {
  static constexpr kernel::EventType kEventType{kModule, 5};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::string device;
  TwinVersion up_to = 0;
  bool coalesce = false;  // from now on
  static constexpr auto description() {
    using C = ChangesTaken;
    return describe<C>("keel.devices.ChangesTaken", field<1>("device", &C::device),
                       field<2>("up_to", &C::up_to), field<3>("coalesce", &C::coalesce));
  }
};

struct DevicesSeen {
  static constexpr kernel::EventType kEventType{kModule, 6};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::vector<SeeDevices::Seen> devices;
  static constexpr auto description() {
    return describe<DevicesSeen>("keel.devices.DevicesSeen",
                                 field<1>("devices", &DevicesSeen::devices));
  }
};

struct TwinsPublished {
  static constexpr kernel::EventType kEventType{kModule, 7};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  std::vector<PublishTwins::Published> devices;
  static constexpr auto description() {
    return describe<TwinsPublished>("keel.devices.TwinsPublished",
                                    field<1>("devices", &TwinsPublished::devices));
  }
};

struct MethodCalled {
  static constexpr kernel::EventType kEventType{kModule, 8};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CallId call;
  std::string device;
  std::string method;
  std::string payload;
  Timestamp requested_at;
  Timestamp deadline;
  CorrelationId correlation;
  static constexpr auto description() {
    using M = MethodCalled;
    return describe<M>("keel.devices.MethodCalled", field<1>("call", &M::call),
                       field<2>("device", &M::device), field<3>("method", &M::method),
                       field<4>("payload", &M::payload), field<5>("requested_at", &M::requested_at),
                       field<6>("deadline", &M::deadline),
                       field<7>("correlation", &M::correlation));
  }
};

struct MethodSent {
  static constexpr kernel::EventType kEventType{kModule, 9};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CallId call;
  Timestamp at;
  static constexpr auto description() {
    return describe<MethodSent>("keel.devices.MethodSent", field<1>("call", &MethodSent::call),
                                field<2>("at", &MethodSent::at));
  }
};

struct MethodEnded {
  static constexpr kernel::EventType kEventType{kModule, 10};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CallId call;
  CallResult result{};
  std::int32_t status{};
  std::string payload;
  Timestamp at;
  static constexpr auto description() {
    using M = MethodEnded;
    return describe<M>("keel.devices.MethodEnded", field<1>("call", &M::call),
                       field<2>("result", &M::result), field<3>("status", &M::status),
                       field<4>("payload", &M::payload), field<5>("at", &M::at));
  }
};

// A day after its end it is forgotten.
struct MethodForgotten {
  static constexpr kernel::EventType kEventType{kModule, 11};
  static constexpr kernel::SchemaVersion kSchemaVersion{1};
  CallId call;
  static constexpr auto description() {
    return describe<MethodForgotten>("keel.devices.MethodForgotten",
                                     field<1>("call", &MethodForgotten::call));
  }
};

}  // namespace keel::devices
