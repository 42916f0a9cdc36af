// Kinds of error of MQTT packets (255-285) and the reason code that tells a peer of version 5 of
// each. After any of them the connection is closed.
#pragma once

#include "base/error.hpp"
#include "wire/mqtt/field/reason.hpp"
#include "wire/mqtt/topic/errors.hpp"

namespace keel::mqtt {

// Malformed: the bytes are no packet.
inline constexpr ErrorKind kBadLength{255, "mqtt.bad_length", ErrorClass::invalid};
inline constexpr ErrorKind kShortPacket{256, "mqtt.short_packet", ErrorClass::invalid};
inline constexpr ErrorKind kTrailingBytes{257, "mqtt.trailing_bytes", ErrorClass::invalid};
inline constexpr ErrorKind kBadFlags{258, "mqtt.bad_flags", ErrorClass::invalid};
inline constexpr ErrorKind kMalformedText{259, "mqtt.malformed_text", ErrorClass::invalid};
inline constexpr ErrorKind kBadVariable{260, "mqtt.bad_variable", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownProperty{261, "mqtt.unknown_property", ErrorClass::invalid};
inline constexpr ErrorKind kBadQos{262, "mqtt.bad_qos", ErrorClass::invalid};
inline constexpr ErrorKind kBadOptions{263, "mqtt.bad_options", ErrorClass::invalid};
inline constexpr ErrorKind kNoFilters{264, "mqtt.no_filters", ErrorClass::invalid};
// Protocol errors: a packet, but not one that may come here, or say this.
inline constexpr ErrorKind kUnexpectedPacket{265, "mqtt.unexpected_packet", ErrorClass::invalid};
inline constexpr ErrorKind kMisplacedProperty{266, "mqtt.misplaced_property", ErrorClass::invalid};
inline constexpr ErrorKind kRepeatedProperty{267, "mqtt.repeated_property", ErrorClass::invalid};
inline constexpr ErrorKind kBadPropertyValue{268, "mqtt.bad_property_value", ErrorClass::invalid};
inline constexpr ErrorKind kBadReason{269, "mqtt.bad_reason", ErrorClass::invalid};
inline constexpr ErrorKind kZeroPacketId{270, "mqtt.zero_packet_id", ErrorClass::invalid};
inline constexpr ErrorKind kBadShare{271, "mqtt.bad_share", ErrorClass::invalid};
// The rest have codes of their own.
inline constexpr ErrorKind kBadProtocolName{272, "mqtt.bad_protocol_name", ErrorClass::invalid};
inline constexpr ErrorKind kUnsupportedVersion{273, "mqtt.unsupported_version",
                                               ErrorClass::invalid};
inline constexpr ErrorKind kBadClientId{274, "mqtt.bad_client_id", ErrorClass::invalid};
inline constexpr ErrorKind kPacketTooLarge{275, "mqtt.packet_too_large", ErrorClass::invalid};
inline constexpr ErrorKind kTooManyProperties{276, "mqtt.too_many_properties", ErrorClass::invalid};
inline constexpr ErrorKind kTooManyFilters{277, "mqtt.too_many_filters", ErrorClass::invalid};
// Of writers.
inline constexpr ErrorKind kOutputFull{278, "mqtt.output_full", ErrorClass::overload};
inline constexpr ErrorKind kBadOutput{279, "mqtt.bad_output", ErrorClass::invalid};
// Of a connection: wrong only after what came before.
inline constexpr ErrorKind kReceiveMaximumExceeded{280, "mqtt.receive_maximum_exceeded",
                                                   ErrorClass::invalid};
inline constexpr ErrorKind kBadTopicAlias{281, "mqtt.bad_topic_alias", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownTopicAlias{282, "mqtt.unknown_topic_alias", ErrorClass::invalid};
inline constexpr ErrorKind kPacketIdInUse{283, "mqtt.packet_id_in_use", ErrorClass::invalid};
inline constexpr ErrorKind kBadAuthentication{284, "mqtt.bad_authentication", ErrorClass::invalid};
inline constexpr ErrorKind kBadExpiry{285, "mqtt.bad_expiry", ErrorClass::invalid};

// The reason code of the DISCONNECT (or CONNACK) that answers this error.
Reason refusal_reason(const ErrorKind& kind) noexcept;

}  // namespace keel::mqtt
