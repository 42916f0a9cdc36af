// Every payload of charging comes back as it went, and its description is sound.
#include "modules/charging/requests.hpp"

#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "modules/charging/queries.hpp"

namespace keel::charging {
namespace {

template <typename... T>
void expect_sound() {
  const auto look = []<typename One>(std::type_identity<One>) {
    EXPECT_TRUE(info<One>().defaults_are_zero()) << info<One>().name;
    Bytes payload;
    encode(One{}, payload);
    EXPECT_TRUE(payload.empty()) << info<One>().name;
    EXPECT_TRUE(decode<One>(payload).ok());
  };
  (look(std::type_identity<T>{}), ...);
}

TEST(ChargingPayloads, have_sound_descriptions) {
  expect_sound<Configure, PublishTariff, PublishTariff::Answer, RegisterStation, RegisterDriver,
               RegisterToken, ForgetDriver, BootStation, SeenStations, ReportStatus, Authorize,
               Authorize::Answer, StartSession, StartSession::Answer, RecordReadings, StopSession,
               StopSession::Answer, CloseSession, NoteStation, RequestCall, EndCall>();
  expect_sound<Configured, TariffPublished, StationRegistered, DriverRegistered, TokenRegistered,
               DriverForgotten, StationBooted, StationsSeen, StatusReported, TokenChecked,
               StationNoted, CallRequested, CallEnded, CallDropped, SessionStarted,
               ReadingsRecorded, IdleChanged, SessionStopped, SessionClosed, SessionDeferred,
               StopKept, StopReleased, StopConflicted, ReadingsUnplaced>();
  expect_sound<StationCredentials, StationCredentials::Answer, ListStations, ListStations::Answer,
               ListSessions, ListSessions::Answer, GetTariff, GetTariff::Answer, GetDriver,
               GetDriver::Answer, GetSettings, GetSettings::Answer, GetCall, GetCall::Answer>();
}

TEST(ChargingPayloads, come_back_as_they_went) {
  SessionClosed closed{.session = SessionNumber(7), .version = 1, .station = "CP-1"};
  closed.terms.currency = "EUR";
  ASSERT_TRUE(closed.terms.windows.try_push_back({.from_minute = 60, .to_minute = 120}));
  closed.lines.push_back({.kind = LineKind::energy, .rate = 1, .quantity = 5, .amount = 2});
  closed.transfers = {1, ~uint128{0}};
  closed.flags = SessionFlag::corrected;
  Bytes payload;
  encode(closed, payload);
  EXPECT_EQ(decode<SessionClosed>(payload).value(), closed);
}

}  // namespace
}  // namespace keel::charging
