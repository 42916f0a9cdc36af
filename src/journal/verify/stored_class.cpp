#include "journal/verify/stored_class.hpp"

namespace keel::journal {

runtime::Task<Result<SegmentClass>> stored_class(runtime::Disk& disk, std::string directory) {
  bool has_stream = false;
  for (const std::string& name : KEEL_CO_TRY(co_await disk.list(directory))) {
    if (segment_index(name, SegmentClass::main)) co_return SegmentClass::main;
    has_stream = has_stream || segment_index(name, SegmentClass::stream).has_value();
  }
  co_return has_stream ? SegmentClass::stream : SegmentClass::main;
}

}  // namespace keel::journal
