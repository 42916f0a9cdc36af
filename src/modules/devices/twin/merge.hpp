// What happens to documents: a merge patch is applied, and what a device lacks is found.
#pragma once

#include "modules/devices/twin/node.hpp"

namespace keel::devices {

// RFC 7396, MergePatch(target, patch), for a patch that is an object: null takes a member away, an
// object goes into the object there, anything else takes the place of what was there. Everything
// that the patch names, and all that it stands in, is set at `at`, whether or not it is another
// value than before.
void merge(Node& target, const Node& patch, Timestamp at);

// What of `desired` is not so in `reported`: members that are not there or are another value;
// objects are compared member by member. Never has what is only reported. Times are those of
// `desired`. An object without members: nothing.
Node delta_of(const Node& desired, const Node& reported);

// Whether two leaves, or two objects, are the same value. Numbers are compared by their value:
// 1.0, 1 and 10e-1 are the same.
bool is_same_value(const Node& left, const Node& right);

}  // namespace keel::devices
