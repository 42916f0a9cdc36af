#include "sim/torture/devices/devices_workload.hpp"

#include "base/describe/wire.hpp"
#include "modules/devices/model/json_model.hpp"
#include "modules/devices/queries.hpp"
#include "sim/torture/charging/encoded.hpp"

namespace keel::torture {

namespace {

using namespace devices;  // the whole file speaks of its words
using sim::Random;

// Beside those of the other modules' workloads.
constexpr uint128 kFirstCommand = uint128{5} << 64;
constexpr PrincipalId kStranger{99};  // may do nothing
constexpr std::uint64_t kDevices = 6;
constexpr std::size_t kCallsKnown = 8;

bool percent(Random& random, std::uint32_t chance) {
  return random.draw(sim::Chance::percent(chance));
}

template <typename T>
T one_of(Random& random, std::initializer_list<T> choices) {
  return *(choices.begin() + random.below(choices.size()));
}

std::string device_of(Random& random) {
  const std::uint64_t number = random.below(kDevices);
  return number == 0 ? std::string(kMaxDeviceId, 'D') : "d" + std::to_string(number);
}

std::string group_of(Random& random) {
  return one_of<std::string>(random, {"north", "south", "east"});
}
Tag tag_of(Random& random) {
  return {.name = one_of<std::string>(random, {"site", "floor"}),
          .value = one_of<std::string>(random, {"gate", "roof", ""})};
}

// A document, at times as no twin writes it: with spaces, keys in another order, numbers that are
// the same in other digits.
std::string document(Random& random) {
  const auto below = [&random](std::uint64_t bound) { return random.below(bound); };
  if (percent(random, 10)) {
    return one_of<std::string>(
        random, {" { \"b\" : 1.0 , \"a\" : { \"c\" : [ 1e0 , 10e-1 ] } } ", "{\"b\":1,\"a\":{}}",
                 "{\"a\":{\"c\":[1,1]},\"d\":0.0}", "{\"a\":null,\"b\":null}",
                 "{\"c\":\"" + std::string(200, 't') + "\"}"});
  }
  return testing::write(testing::random_json(below, true));
}

std::string no_document(Random& random) {
  std::string deep = "1";
  for (int depth = 0; depth < 14; ++depth) deep = "{\"a\":" + deep + "}";
  return one_of<std::string>(
      random, {"", "[1]", "{\"a\":}", "{\"$a\":1}", "{\"a\":1,\"a\":2}", "{\"a\":01}", "{\"\":1}",
               "{\"a\":\"x}", "{\"a\":1} x", deep});
}

}  // namespace

template <typename C>
Ask DevicesWorkload::of(Random& random, const C& command) {
  Ask made{.tenant = TenantId(static_cast<std::uint32_t>(1 + random.below(plan_.devices.tenants))),
           .principal = PrincipalId(5 + random.below(2)),
           .id = CommandId(kFirstCommand + ++last_command_),
           .type = C::kType.value(),
           .payload = encoded(command)};
  if (percent(random, 1)) made.principal = kStranger;
  if (made.payload.empty()) made.payload.push_back(std::byte{});
  return made;
}

template <typename Q>
Ask DevicesWorkload::asking(Random& random, const Q& query) {
  return {.is_query = true,
          .tenant = TenantId(static_cast<std::uint32_t>(1 + random.below(plan_.devices.tenants))),
          .principal = percent(random, 1) ? kStranger : PrincipalId(5 + random.below(2)),
          .type = Q::kType.value(),
          .payload = encoded(query)};
}

Ask DevicesWorkload::command(Random& random, Timestamp now) {
  const std::uint64_t kind = random.below(100);
  if (last_command_ < 4 * plan_.devices.tenants || kind < 10) return register_device(random);
  if (kind < 14) return set_credentials(random);
  if (kind < 17) return of(random, RemoveDevice{.device = device_of(random)});
  if (kind < 55) return update_twin(random);
  if (kind < 62) {
    TakeChanges take{.device = device_of(random), .up_to = random.below(12)};
    if (percent(random, 20)) take.coalesce = percent(random, 40);
    if (percent(random, 1)) take.device = "";
    return of(random, take);
  }
  if (kind < 70) return see(random, now);
  if (kind < 77) return publish(random);
  if (kind < 86) return call(random);
  return settle_call(random);
}

Ask DevicesWorkload::register_device(Random& random) {
  RegisterDevice device{.device = device_of(random),
                        .name = "name " + std::to_string(random.below(5)),
                        .model = "m",
                        .blocked = percent(random, 8),
                        .coalesce = percent(random, 20)};
  for (std::uint64_t left = random.below(3); left > 0; --left) {
    device.groups.push_back(group_of(random));
    device.tags.push_back(tag_of(random));  // at times a name stands twice: malformed
  }
  if (percent(random, 10)) device.expected_revision = random.below(4);
  if (percent(random, 1)) device.device = "d/1";
  return of(random, device);
}

Ask DevicesWorkload::set_credentials(Random& random) {
  SetCredentials set{.device = device_of(random)};
  if (percent(random, 50)) set.password_hash = percent(random, 80) ? "$argon2id$x" : "";
  if (percent(random, 50)) {
    Digest& token = set.token.emplace();
    if (percent(random, 80)) random.fill(token);
  }
  if (percent(random, 50)) set.certificate = "cn:" + std::to_string(random.below(3));
  if (percent(random, 3)) set.password_hash = "plain";
  return of(random, set);
}

Ask DevicesWorkload::update_twin(Random& random) {
  UpdateTwin update{.device = device_of(random),
                    .part = percent(random, 60) ? TwinPart::desired : TwinPart::reported,
                    .patch = document(random)};
  if (percent(random, 6)) update.patch = "null";
  if (percent(random, 4)) update.patch = no_document(random);
  if (percent(random, 10)) update.expected_version = random.below(6);
  if (percent(random, 1)) update.device = "a b";
  return of(random, update);
}

Ask DevicesWorkload::see(Random& random, Timestamp now) {
  SeeDevices see;
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    const auto ago = static_cast<std::int64_t>(random.below(300));
    see.devices.push_back({.device = device_of(random),
                           .at = now - Duration::milliseconds(ago - 50),
                           .connected = percent(random, 50)});
  }
  return of(random, see);
}

Ask DevicesWorkload::publish(Random& random) {
  PublishTwins publish;
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    publish.devices.push_back({.device = device_of(random), .version = random.below(14)});
  }
  return of(random, publish);
}

DevicesWorkload::KnownCall DevicesWorkload::earlier(Random& random) const {
  if (calls_.empty())
    return {.tenant = TenantId(1), .call = CallId(1), .device = device_of(random)};
  return calls_.at(random.below(calls_.size()));
}

Ask DevicesWorkload::call(Random& random) {
  CallMethod call{.call = CallId(++last_call_),
                  .device = device_of(random),
                  .method = "open",
                  .payload = percent(random, 50) ? "" : document(random),
                  .timeout_s = static_cast<std::uint32_t>(1 + random.below(3))};
  if (percent(random, 20)) call.call = earlier(random).call;
  if (percent(random, 5)) call.call = {};  // made of the command's id
  if (percent(random, 10)) call.timeout_s = 3'600;
  if (percent(random, 2)) call.timeout_s = 0;
  if (percent(random, 3)) call.payload = "{\"a\":";
  Ask made = of(random, call);
  calls_.push_back({.tenant = made.tenant, .call = call.call, .device = call.device});
  if (calls_.size() > kCallsKnown) calls_.pop_front();
  return made;
}

Ask DevicesWorkload::settle_call(Random& random) {
  const KnownCall known = earlier(random);
  const auto to_its_tenant = [&](Ask made) {
    if (percent(random, 90)) made.tenant = known.tenant;
    return made;
  };
  if (percent(random, 40)) return to_its_tenant(of(random, SendCall{.call = known.call}));
  EndCall end{.call = known.call,
              .device = percent(random, 90) ? known.device : device_of(random),
              .result = percent(random, 80) ? CallResult::answered : CallResult::not_sent,
              .status = static_cast<std::int32_t>(random.below(500)) - 100,
              .payload = percent(random, 50) ? "" : "{\"ok\": true}"};
  if (percent(random, 2)) end.result = CallResult::timed_out;
  if (percent(random, 2)) end.payload = "{";
  return to_its_tenant(of(random, end));
}

Ask DevicesWorkload::query(Random& random, Timestamp) {
  switch (random.below(9)) {
    case 0:
      return asking(random, GetCredentials{.device = device_of(random)});
    case 1:
    case 2: {
      ListDevices list{.limit = static_cast<std::uint32_t>(random.below(4))};
      if (percent(random, 10)) list.only = device_of(random);
      if (percent(random, 40)) list.group = group_of(random);
      if (percent(random, 40)) list.tag = tag_of(random);
      list.connected = percent(random, 30);
      return asking(random, list);
    }
    case 3:
    case 4:
      return asking(random, GetTwin{.device = device_of(random)});
    case 5:
      return asking(random, ListChanges{.device = device_of(random),
                                        .after = random.below(6),
                                        .limit = static_cast<std::uint32_t>(random.below(4))});
    case 6:
      return asking(random, ListUnpublished{.limit = static_cast<std::uint32_t>(random.below(4))});
    case 7:
      return asking(random, GetCall{.call = earlier(random).call});
    default:
      return asking(random, ListOpenCalls{});
  }
}

std::optional<Ask> DevicesWorkload::next_page(const Ask& query, const Bytes& reply) {
  std::optional<Ask> next;
  const auto go_on = [&]<typename Query>(std::type_identity<Query>) {
    if (query.type != Query::kType.value()) return;
    auto asked = decode<Query>(query.payload);
    const auto answer = decode<typename Query::Answer>(reply);
    if (!asked.ok() || !answer.ok() || answer->next.empty()) return;
    asked->after = answer->next;
    next = query;
    next->payload = encoded(*asked);
  };
  go_on(std::type_identity<ListDevices>{});
  go_on(std::type_identity<ListUnpublished>{});
  return next;
}

}  // namespace keel::torture
