// Which of two settings of one status stays: the rule by which both clusters agree, whatever happens between them. The
// triggers of sql/placement/postgres/status/ are the same rule; a test holds the two against each other.
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>

namespace meridian::status {

// A hybrid logical clock (Kulkarni et al. 2014) kept with the row: milliseconds of the writer's clock << 12 | a
// counter, and the cluster that wrote, which breaks ties. No two versions of a row have the same one.
struct stamp {
  std::int64_t hlc = 0;
  int node = 0;

  friend auto operator<=>(const stamp&, const stamp&) = default;
};

inline constexpr int counter_bits = 12;

// Of a write made on `node` when its clock shows `now`: later than that clock and than the version it replaces, also
// when the version came from a cluster whose clock is ahead.
inline stamp next_stamp(
    const std::optional<stamp>& replaced, int node, std::chrono::sys_time<std::chrono::milliseconds> now
) {
  const auto by_clock = now.time_since_epoch().count() << counter_bits;
  return {replaced ? std::max(by_clock, replaced->hlc + 1) : by_clock, node};
}

// One version of a row. `Content` is what people see of it.
template <class Content>
struct version {
  stamp written;
  std::int64_t replaced_hlc = 0;  // of the version that its writer saw; 0 for none
  Content content{};

  friend bool operator==(const version&, const version&) = default;
};

template <class Content>
version<Content> write_over(
    const std::optional<version<Content>>& replaced, int node, std::chrono::sys_time<std::chrono::milliseconds> now,
    Content content
) {
  const auto before = replaced ? std::optional(replaced->written) : std::nullopt;
  return {next_stamp(before, node, now), replaced ? replaced->written.hlc : 0, std::move(content)};
}

// A last-writer-wins register: commutative, associative and idempotent, so that the order of arrival, repeats and
// detours don't matter.
template <class Content>
const version<Content>& merge(const version<Content>& one, const version<Content>& other) {
  return other.written > one.written ? other : one;
}

// Whether two versions that meet on a cluster were written without knowing of each other, and differ. Exact when each
// cluster's versions arrive in order; after a direction was set up anew, a version may be told as a conflict with one
// that it replaced over a third.
template <class Content>
bool is_conflict(const version<Content>& one, const version<Content>& other) {
  return one.written.node != other.written.node && one.replaced_hlc != other.written.hlc &&
         other.replaced_hlc != one.written.hlc && one.content != other.content;
}

}  // namespace meridian::status
