// Routes: which module owns a command, an event, a query or a table. Built once for a cell from
// what the modules say of themselves; two modules that claim one id are a programmer's error.
//
// Thread: the cell's writer.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kernel/module.hpp"

namespace keel::engine {

using Modules = std::vector<std::unique_ptr<kernel::Module>>;

class Routes final : public kernel::EventApplier {
 public:
  // Does not own the modules; they outlive it.
  explicit Routes(const Modules& modules);

  // nullptr: nobody's.
  kernel::Module* module_of(kernel::CommandType type) const;
  kernel::Module* module_of(kernel::QueryType type) const;
  kernel::TableBase* table(kernel::TableId id) const;

  struct Schema {
    kernel::EventSchema newest;
    kernel::Module* module = nullptr;
  };
  const Schema* schema_of(kernel::EventType type) const [[clang::lifetimebound]];

  // Hands an event to its module; nobody's is a programmer's error.
  void apply(const kernel::Event& event) override;

  std::span<kernel::Module* const> modules() const noexcept [[clang::lifetimebound]] {
    return modules_;
  }
  // Every table of every module, in a fixed order.
  std::span<kernel::TableBase* const> tables() const noexcept [[clang::lifetimebound]] {
    return tables_;
  }

 private:
  struct ById {
    kernel::Module* module = nullptr;
    kernel::ModuleInfo info;
  };
  const ById* by_id(kernel::ModuleId id) const;

  std::vector<kernel::Module*> modules_;
  std::vector<ById> by_id_;  // at the module's number; few and small
  std::vector<kernel::TableBase*> tables_;
  std::vector<Schema> schemas_;  // sorted by type
};

}  // namespace keel::engine
