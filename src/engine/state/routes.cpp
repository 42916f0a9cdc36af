#include "engine/state/routes.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "engine/state/outcome_record.hpp"

namespace keel::engine {

Routes::Routes(const Modules& modules) {
  for (const auto& module : modules) {
    const kernel::ModuleInfo info = module->info();
    KEEL_ASSERT(info.id != kEngineModule);
    if (by_id_.size() <= info.id.value()) by_id_.resize(info.id.value() + std::size_t{1});
    ById& slot = by_id_[info.id.value()];
    KEEL_ASSERT(slot.module == nullptr);
    slot = {.module = module.get(), .info = info};
    modules_.push_back(module.get());
    for (const kernel::EventSchema& schema : info.events) {
      KEEL_ASSERT(schema.type.module() == info.id);
      schemas_.push_back({.newest = schema, .module = module.get()});
    }
    for (kernel::TableBase* table : module->tables()) {
      KEEL_ASSERT(this->table(table->id()) == nullptr);
      tables_.push_back(table);
    }
  }
  std::ranges::sort(schemas_, {}, [](const Schema& schema) { return schema.newest.type.value(); });
}

const Routes::ById* Routes::by_id(kernel::ModuleId id) const {
  if (id.value() >= by_id_.size() || by_id_[id.value()].module == nullptr) return nullptr;
  return &by_id_[id.value()];
}

kernel::Module* Routes::module_of(kernel::CommandType type) const {
  const ById* owner = by_id(type.module());
  if (owner == nullptr ||
      std::ranges::find(owner->info.commands, type) == owner->info.commands.end())
    return nullptr;
  return owner->module;
}

kernel::Module* Routes::module_of(kernel::QueryType type) const {
  const ById* owner = by_id(type.module());
  if (owner == nullptr || std::ranges::find(owner->info.queries, type) == owner->info.queries.end())
    return nullptr;
  return owner->module;
}

kernel::TableBase* Routes::table(kernel::TableId id) const {
  for (kernel::TableBase* table : tables_) {
    if (table->id() == id) return table;
  }
  return nullptr;
}

const Routes::Schema* Routes::schema_of(kernel::EventType type) const {
  const auto found = std::ranges::lower_bound(
      schemas_, type.value(), {}, [](const Schema& schema) { return schema.newest.type.value(); });
  return found == schemas_.end() || found->newest.type != type ? nullptr : &*found;
}

void Routes::apply(const kernel::Event& event) {
  const ById* owner = by_id(event.type.module());
  KEEL_ASSERT(owner != nullptr);
  owner->module->apply(event);
}

}  // namespace keel::engine
