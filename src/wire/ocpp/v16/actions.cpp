#include "wire/ocpp/v16/actions.hpp"

#include <algorithm>

#include "wire/ocpp/v16/authorization.hpp"
#include "wire/ocpp/v16/care_messages.hpp"
#include "wire/ocpp/v16/certificate_messages.hpp"
#include "wire/ocpp/v16/control_messages.hpp"
#include "wire/ocpp/v16/payload.hpp"
#include "wire/ocpp/v16/secure_care_messages.hpp"
#include "wire/ocpp/v16/security_messages.hpp"
#include "wire/ocpp/v16/station_messages.hpp"
#include "wire/ocpp/v16/transactions.hpp"

namespace keel::ocpp::v16 {
namespace {

template <Described T>
Result<> check(std::string_view payload) {
  KEEL_TRY(read_payload<T>(payload));
  return success();
}

template <Described T>
Result<std::string_view> check_answer(std::string_view payload) {
  [[maybe_unused]] const T answer = KEEL_TRY(read_payload<T>(payload));
  if constexpr (requires { answer.status; }) {
    const auto field = std::ranges::find(info<T>().fields, "status", &FieldInfo::name);
    return field->type.enumeration->find(static_cast<std::uint64_t>(answer.status))->name;
  } else {
    return std::string_view();
  }
}

template <Described T>
constexpr ActionInfo spoken(Asks who) {
  return {.name = T::kAction,
          .who = who,
          .check_request = &check<T>,
          .check_response = &check_answer<typename T::Response>};
}

constexpr std::array kActions{
    // Core
    spoken<Authorize>(Asks::station), spoken<BootNotification>(Asks::station),
    spoken<ChangeAvailability>(Asks::central_system),
    spoken<ChangeConfiguration>(Asks::central_system), spoken<ClearCache>(Asks::central_system),
    spoken<DataTransfer>(Asks::either), spoken<GetConfiguration>(Asks::central_system),
    spoken<Heartbeat>(Asks::station), spoken<MeterValues>(Asks::station),
    spoken<RemoteStartTransaction>(Asks::central_system),
    spoken<RemoteStopTransaction>(Asks::central_system), spoken<Reset>(Asks::central_system),
    spoken<StartTransaction>(Asks::station), spoken<StatusNotification>(Asks::station),
    spoken<StopTransaction>(Asks::station), spoken<UnlockConnector>(Asks::central_system),
    // Firmware Management
    spoken<DiagnosticsStatusNotification>(Asks::station),
    spoken<FirmwareStatusNotification>(Asks::station), spoken<GetDiagnostics>(Asks::central_system),
    spoken<UpdateFirmware>(Asks::central_system),
    // Local Auth List, Remote Trigger
    spoken<GetLocalListVersion>(Asks::central_system), spoken<SendLocalList>(Asks::central_system),
    spoken<TriggerMessage>(Asks::central_system),
    // Improved security for OCPP 1.6-J
    spoken<CertificateSigned>(Asks::central_system),
    spoken<DeleteCertificate>(Asks::central_system),
    spoken<ExtendedTriggerMessage>(Asks::central_system),
    spoken<GetInstalledCertificateIds>(Asks::central_system), spoken<GetLog>(Asks::central_system),
    spoken<InstallCertificate>(Asks::central_system), spoken<LogStatusNotification>(Asks::station),
    spoken<SecurityEventNotification>(Asks::station), spoken<SignCertificate>(Asks::station),
    spoken<SignedFirmwareStatusNotification>(Asks::station),
    spoken<SignedUpdateFirmware>(Asks::central_system),
    // Reservation, Smart Charging
    ActionInfo{.name = "CancelReservation", .who = Asks::central_system},
    ActionInfo{.name = "ReserveNow", .who = Asks::central_system},
    ActionInfo{.name = "ClearChargingProfile", .who = Asks::central_system},
    ActionInfo{.name = "GetCompositeSchedule", .who = Asks::central_system},
    ActionInfo{.name = "SetChargingProfile", .who = Asks::central_system}};

}  // namespace

std::span<const ActionInfo> actions() noexcept {
  return kActions;
}

const ActionInfo* find_action(std::string_view name) noexcept {
  const auto found = std::ranges::find(kActions, name, &ActionInfo::name);
  return found == kActions.end() ? nullptr : &*found;
}

}  // namespace keel::ocpp::v16
