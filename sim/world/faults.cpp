#include "sim/world/faults.hpp"

namespace keel::sim {

std::string_view to_string(Fault fault) noexcept {
  switch (fault) {
    case Fault::page_dropped:
      return "page_dropped";
    case Fault::page_torn:
      return "page_torn";
    case Fault::page_corrupted:
      return "page_corrupted";
    case Fault::metadata_dropped:
      return "metadata_dropped";
    case Fault::size_dropped:
      return "size_dropped";
    case Fault::write_reordered:
      return "write_reordered";
    case Fault::write_failed:
      return "write_failed";
    case Fault::sync_failed:
      return "sync_failed";
    case Fault::directory_sync_failed:
      return "directory_sync_failed";
    case Fault::disk_full:
      return "disk_full";
    case Fault::write_misdirected:
      return "write_misdirected";
    case Fault::slow_disk:
      return "slow_disk";
    case Fault::connection_cut:
      return "connection_cut";
    case Fault::receive_split:
      return "receive_split";
    case Fault::slow_network:
      return "slow_network";
    case Fault::wall_clock_jump:
      return "wall_clock_jump";
    case Fault::power_cut:
      return "power_cut";
    case Fault::count_:
      break;
  }
  return "?";
}

}  // namespace keel::sim
