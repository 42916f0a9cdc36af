// A file into the books of a running node, batch by batch. After a broken connection or a node that
// is not ready the same batch is sent again, under the same key; what breaks off an import for good
// leaves whole batches behind, and the same import run again goes on from there.
//
// Thread: one core; the file is read on it.
#pragma once

#include "node/bulk/batches.hpp"
#include "node/client/http_client.hpp"

namespace keel::node {

struct ImportOptions {
  std::string path;
  std::string name;             // derived ids follow from it; empty: the file's own
  bool accounts = false;        // the file holds accounts, not transfers
  bool dry_run = false;         // nothing is sent; accounts and ledgers are looked up
  bool keep_going = false;      // after a batch with refused rows
  std::uint32_t batch = 8'189;  // rows
};

struct ImportProgress {
  std::uint64_t rows = 0;  // read
  std::uint64_t bytes = 0;
  std::uint64_t file_bytes = 0;
  ImportCounts counts;
};

class ImportWatcher {
 public:
  virtual void refused(const RefusedRow& row) = 0;
  // After each batch.
  virtual void progress(const ImportProgress& progress) = 0;

 protected:
  ~ImportWatcher() = default;
};

// Errors: kBadFile and kBadRow say the line (what came before it has been sent, up to a batch);
// kRowsRefused; those of the connection. What `options` and `watcher` point to outlives the task.
runtime::Task<Result<ImportProgress>> import_file(runtime::Core& core, NodeAddress address,
                                                  const ImportOptions* options,
                                                  ImportWatcher* watcher);

}  // namespace keel::node
