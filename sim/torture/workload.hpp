// What a module brings to torture: a Workload that draws what clients ask, and an Oracle that knows
// what may come of it. The oracle is fed with the history in its order and shares no code with the
// module that it judges.
//
// To torture another module: implement both, and add them to mixed.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/state/cell_state.hpp"
#include "kernel/command.hpp"
#include "sim/torture/counts.hpp"
#include "sim/world/random.hpp"

namespace keel::torture {

// What a client asks; owns its bytes.
struct Ask {
  bool is_query = false;
  TenantId tenant;
  PrincipalId principal;
  CommandId id;  // of a command
  std::optional<Position> expected_revision;
  std::uint32_t type = 0;  // kernel::CommandType or kernel::QueryType
  Bytes payload;
  // The page before, of a query that goes on from its cursor.
  std::optional<Bytes> after_page;

  kernel::Command command() const {
    return {.tenant = tenant,
            .principal = principal,
            .id = id,
            .expected_revision = expected_revision,
            .type = kernel::CommandType(type),
            .schema_version = kernel::SchemaVersion(1),
            .payload = payload};
  }
  kernel::Query query() const {
    return {.tenant = tenant,
            .principal = principal,
            .type = kernel::QueryType(type),
            .payload = payload};
  }
};

class Workload {
 public:
  virtual ~Workload() = default;
  // `now`: about what the cell's time is.
  virtual Ask command(sim::Random& random, Timestamp now) = 0;
  virtual Ask query(sim::Random& random, Timestamp now) = 0;
  // The query for what follows a page, when there is more.
  virtual std::optional<Ask> next_page(const Ask& query, const Bytes& reply) = 0;
  // What a client was told.
  virtual void answered(const Ask&, const Bytes&) {}
  // What must still be done when nothing new begins: asked until there is none. At rest the oracle
  // wants it done.
  virtual std::optional<Ask> duty(sim::Random&, Timestamp) { return std::nullopt; }
};

// One event as it stands in the history.
struct Fact {
  TenantId tenant;
  std::uint32_t type = 0;  // kernel::EventType
  ByteView row;
};

// What came of a command: decided at `now`; `last` is the last cell time that it has used.
struct Decided {
  Timestamp now;
  Timestamp last;
  std::uint16_t code = 0;
  ByteView reply;
  const std::vector<Fact>& facts;
};

// Each check answers what is wrong, or nothing.
using Finding = std::optional<std::string>;

struct Rest {
  Timestamp now;
  bool duties_done = false;  // all that Workload::duty() has asked for was answered
};

class Oracle {
 public:
  virtual ~Oracle() = default;
  // A command that stands in the history, and what came of it.
  virtual Finding command(const Ask& ask, const Decided& decided) = 0;
  // What time caused at `now`.
  virtual Finding time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) = 0;
  // Asked of the state as it stands after what came so far.
  virtual Finding query(const Ask& ask, ByteView reply) = 0;
  // At the end of a history whose clients were all served: nothing that was due by then is left.
  virtual Finding at_rest(const Rest& rest) = 0;
  // An error that only a command or query that is malformed, or one that does not fit, may get.
  virtual Finding refused(const Ask& ask, const Error& error) = 0;
};

}  // namespace keel::torture
