// keel doctor: is this machine fit for this configuration?
#include "node/doctor/doctor.hpp"

#include <cstdio>

#include "base/json/json_writer.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"

namespace keel::node {
namespace {

Finding failed(std::string_view check, const Error& error) {
  return {check, Health::fail, error.to_string(), "look at the lines above"};
}

std::vector<Finding> examine(const Config& config) {
  std::vector<Finding> findings = examine_machine(config);
  const Result<bool> runs = run_on_core<bool>(
      config,
      [](runtime::Core& core, const Config* given) -> runtime::Task<Result<bool>> {
        co_return co_await node_runs(core, given->data_directory);
      },
      &config);
  std::ranges::copy(examine_place(config, runs.ok() && *runs), std::back_inserter(findings));
  const std::string directory = read_path(config.data_directory).nearest;
  const Result<SyncTrial> trial = run_on_core<SyncTrial>(
      config,
      [](runtime::Core& core, const std::string* where) -> runtime::Task<Result<SyncTrial>> {
        co_return co_await try_disk(core, *where);
      },
      &directory);
  findings.push_back(trial.ok() ? judge_sync(*trial, config) : failed("disk.sync", trial.error()));
  return findings;
}

void print(const Finding& finding) {
  std::printf("%-4s  %-22s %s\n", std::string(to_string(finding.health)).c_str(),
              std::string(finding.check).c_str(), finding.what.c_str());
  if (!finding.advice.empty()) std::printf("%28s -> %s\n", "", finding.advice.c_str());
}

void print_json(const std::vector<Finding>& findings, bool fit) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  json.begin_object();
  json.key("fit"), json.boolean(fit);
  json.key("findings"), json.begin_list();
  for (const Finding& finding : findings) {
    json.begin_object();
    json.key("check"), json.text(finding.check);
    json.key("health"), json.text(to_string(finding.health));
    json.key("what"), json.text(finding.what);
    json.key("advice"), json.text(finding.advice);
    json.end_object();
  }
  json.end_list();
  json.end_object();
  std::printf("%s\n", text.c_str());
}

}  // namespace

Exit doctor(const Settings& settings) {
  const Result<Config> config = load(settings);
  if (!config.ok()) return report(config.error());
  const std::vector<Finding> findings = examine(*config);
  const bool fit = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.health == Health::fail; });
  if (settings.json) {
    print_json(findings, fit);
  } else {
    for (const Finding& finding : findings) print(finding);
    std::printf("%s\n", fit ? "fit" : "NOT FIT");
  }
  return fit ? Exit::success : Exit::failure;
}

}  // namespace keel::node
