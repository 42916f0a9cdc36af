#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {

Reason refusal_reason(const ErrorKind& kind) noexcept {
  switch (kind.number) {
    case kTopicTooLong.number:
      return Reason::topic_name_invalid;
    case kUnexpectedPacket.number:
    case kMisplacedProperty.number:
    case kRepeatedProperty.number:
    case kBadPropertyValue.number:
    case kBadReason.number:
    case kZeroPacketId.number:
    case kBadShare.number:
    case kUnknownTopicAlias.number:
    case kPacketIdInUse.number:
    case kBadAuthentication.number:
    case kBadExpiry.number:
      return Reason::protocol_error;
    case kBadProtocolName.number:
    case kUnsupportedVersion.number:
      return Reason::unsupported_protocol_version;
    case kBadClientId.number:
      return Reason::client_identifier_not_valid;
    case kReceiveMaximumExceeded.number:
      return Reason::receive_maximum_exceeded;
    case kBadTopicAlias.number:
      return Reason::topic_alias_invalid;
    case kPacketTooLarge.number:
      return Reason::packet_too_large;
    case kTooManyProperties.number:
    case kTooManyFilters.number:
      return Reason::quota_exceeded;
    default:
      return Reason::malformed_packet;
  }
}

}  // namespace keel::mqtt
