#include "modules/streams/payload/batch_writer.hpp"

namespace keel::streams {

void BatchWriter::clear() noexcept {
  bytes_.clear();
  ops_ = targets_ = 0;
}

bool BatchWriter::begin(OpKind kind, std::size_t body, std::size_t targets) {
  const std::size_t bytes = sizeof(OpHead) + body;
  if (bytes_.size() + bytes > kMaxBatchBytes || ops_ == kMaxBatchOps ||
      targets_ + targets > kMaxBatchTargets) {
    return false;
  }
  append(bytes_, object_bytes(OpHead{.bytes = static_cast<std::uint32_t>(bytes), .kind = kind}));
  ++ops_;
  targets_ += targets;
  return true;
}

template <typename T>
bool BatchWriter::add(OpKind kind, const T& whole) {
  if (!begin(kind, sizeof(T))) return false;
  append(bytes_, object_bytes(whole));
  return true;
}

bool BatchWriter::publish(const Publish& publish) {
  std::size_t body = sizeof(PublishHead) + publish.topic.size() + publish.properties.size() +
                     publish.payload.size();
  for (const Target& target : publish.targets) {
    body += sizeof(TargetHead) + target.identifiers.size_bytes();
  }
  PublishFlags flags = publish.flags;
  if (publish.to_stream != nullptr) {
    flags |= PublishFlag::to_stream;
    body += sizeof(ToStream);
  }
  if (!begin(OpKind::publish, body, publish.targets.size())) return false;
  append(bytes_, object_bytes(PublishHead{
                     .publisher = publish.publisher,
                     .expiry = publish.expiry.ns,
                     .payload_bytes = static_cast<std::uint32_t>(publish.payload.size()),
                     .property_bytes = static_cast<std::uint32_t>(publish.properties.size()),
                     .topic_bytes = static_cast<std::uint16_t>(publish.topic.size()),
                     .packet_id = publish.packet_id,
                     .targets = static_cast<std::uint16_t>(publish.targets.size()),
                     .qos = publish.qos,
                     .flags = flags}));
  append(bytes_, as_bytes(publish.topic));
  append(bytes_, publish.properties);
  append(bytes_, publish.payload);
  for (const Target& target : publish.targets) {
    append(bytes_, object_bytes(TargetHead{
                       .session = target.session,
                       .qos = target.qos,
                       .flags = target.flags,
                       .identifiers = static_cast<std::uint16_t>(target.identifiers.size())}));
    append(bytes_, std::as_bytes(target.identifiers));
  }
  if (publish.to_stream != nullptr) append(bytes_, object_bytes(*publish.to_stream));
  return true;
}

bool BatchWriter::forget(SessionNumber session, std::uint16_t packet_id) {
  return add(OpKind::forget, Forget{.session = session, .packet_id = packet_id});
}
bool BatchWriter::release(SessionNumber session, EntryNumber entry) {
  return add(OpKind::release, Settle{.session = session, .entry = entry});
}
bool BatchWriter::finish(SessionNumber session, EntryNumber entry) {
  return add(OpKind::finish, Settle{.session = session, .entry = entry});
}
bool BatchWriter::close(const Close& close) {
  return add(OpKind::close, close);
}
bool BatchWriter::drop_will(SessionNumber session) {
  return add(OpKind::drop_will, DropWill{.session = session});
}

bool BatchWriter::open(const Open& open) {
  OpenHead head{.expiry_s = open.expiry_s,
                .client_bytes = static_cast<std::uint16_t>(open.client_id.size())};
  if (open.clean_start) head.flags |= OpenFlag::clean_start;
  std::size_t body = sizeof(head) + open.client_id.size();
  const Will will = open.will == nullptr ? Will{} : *open.will;
  if (open.will != nullptr) {
    head.flags |= OpenFlag::will;
    if (will.retain) head.flags |= OpenFlag::will_retain;
    head.will_qos = will.qos;
    head.will_delay_s = will.delay_s;
    head.will_topic_bytes = static_cast<std::uint16_t>(will.topic.size());
    head.will_property_bytes = static_cast<std::uint32_t>(will.properties.size());
    head.will_payload_bytes = static_cast<std::uint32_t>(will.payload.size());
    body += will.topic.size() + will.properties.size() + will.payload.size();
  }
  if (!begin(OpKind::open, body)) return false;
  append(bytes_, object_bytes(head));
  append(bytes_, as_bytes(open.client_id));
  append(bytes_, as_bytes(will.topic));
  append(bytes_, will.properties);
  append(bytes_, will.payload);
  return true;
}

bool BatchWriter::subscribe(const Subscribe& subscribe) {
  if (!begin(OpKind::subscribe, sizeof(SubscribeHead) + subscribe.filter.size())) return false;
  append(bytes_, object_bytes(SubscribeHead{
                     .session = subscribe.session,
                     .identifier = subscribe.identifier,
                     .filter_bytes = static_cast<std::uint16_t>(subscribe.filter.size()),
                     .options = subscribe.options}));
  append(bytes_, as_bytes(subscribe.filter));
  return true;
}

bool BatchWriter::unsubscribe(SessionNumber session, std::string_view filter) {
  if (!begin(OpKind::unsubscribe, sizeof(UnsubscribeHead) + filter.size())) return false;
  append(bytes_,
         object_bytes(UnsubscribeHead{.session = session,
                                      .filter_bytes = static_cast<std::uint16_t>(filter.size())}));
  append(bytes_, as_bytes(filter));
  return true;
}

}  // namespace keel::streams
