#include "http/router.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include <fmt/core.h>

#include "http/handshake.hpp"
#include "http/problem.hpp"

namespace meridian::http {
namespace {

constexpr std::size_t index_of(verb method) {
  return static_cast<std::size_t>(method);
}

constexpr unsigned bit_of(verb method) {
  return 1U << index_of(method);
}

bool is_positive_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() && text.front() >= '1' && text.front() <= '9';
}

[[noreturn]] void reject(std::string_view pattern, std::string_view why) {
  throw std::logic_error(fmt::format("the route {} {}", pattern, why));
}

// For a request that refuse_handshake does not refuse, the session calls the route's `upgrade` instead; a HEAD never is
// such a request.
task<response> answer_without_upgrade(request received) {
  co_return *refuse_handshake(received);
}

}  // namespace

router::router() : nodes_(1) {}

router& router::add(verb method, std::string_view pattern, handler handle, route_limits limits) {
  if (!pattern.starts_with('/')) {
    reject(pattern, "does not start with a slash");
  }
  route added{method, std::string(pattern), std::move(handle), limits, {}, {}, {}};
  std::size_t at = 0;
  for (auto rest = pattern; !rest.empty();) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    at = grow(at, segment, added);
  }
  auto& taken = nodes_[at].routes[index_of(method)];
  if (taken) {
    reject(pattern, "is there already");
  }
  taken = routes_.size();
  routes_.push_back(std::move(added));
  return *this;
}

router& router::add_websocket(
    std::string_view pattern, websocket_handler upgrade, const websocket_limits& live_limits, route_limits limits
) {
  add(verb::get, pattern, answer_without_upgrade, limits);
  routes_.back().upgrade = std::move(upgrade);
  routes_.back().live_limits = live_limits;
  return *this;
}

// The child of node `at` for that segment of a pattern, made if need be.
std::size_t router::grow(std::size_t at, std::string_view segment, route& added) {
  const auto made = nodes_.size();
  if (!segment.starts_with('{')) {
    const auto& literals = nodes_[at].literals;
    const auto known = std::ranges::find(literals, segment, &std::pair<std::string, std::size_t>::first);
    if (known != literals.end()) {
      return known->second;
    }
    nodes_[at].literals.emplace_back(segment, made);
    nodes_.emplace_back();
    return made;
  }
  auto name = segment.substr(1, segment.find('}') - 1);
  const bool is_number = name.ends_with(":number");
  if (segment.size() != name.size() + 2) {
    reject(added.pattern, "has a brace without its match");
  }
  name.remove_suffix(is_number ? std::string_view(":number").size() : 0);
  if (name.empty() || name.find_first_of("{:}") != std::string_view::npos) {
    reject(added.pattern, "has a capture that is neither {name} nor {name:number}");
  }
  if (std::ranges::find(added.capture_names, name) != added.capture_names.end()) {
    reject(added.pattern, "has two captures of one name");
  }
  if (added.capture_names.size() == capture_list::count_max) {
    reject(added.pattern, "has more captures than a request holds");
  }
  added.capture_names.emplace_back(name);
  auto& child = is_number ? nodes_[at].number : nodes_[at].text;
  if (child != none) {
    return child;
  }
  child = made;
  nodes_.emplace_back();
  return made;
}

router::match router::find(verb method, std::string_view path) const {
  match found;
  if (path.starts_with('/') && descend(0, method, path, 0, found)) {
    for (std::size_t index = 0; index < found.captures.size(); ++index) {
      found.captures[index].name = found.found->capture_names[index];
    }
  }
  return found;
}

// Tries every way down from node `at`, whose children stand for the segment after the slash at `offset`. As deep as the
// deepest pattern and at most three ways at a time, so the path's author can't make it long.
bool router::descend(std::size_t at, verb method, std::string_view path, std::size_t offset, match& so_far) const {
  const auto& here = nodes_[at];
  if (offset == path.size()) {
    return arrive(here, method, so_far);
  }
  const auto start = offset + 1;
  const auto end = std::min(path.find('/', start), path.size());
  const auto segment = path.substr(start, end - start);
  for (const auto& [literal, child] : here.literals) {
    if (literal == segment && descend(child, method, path, end, so_far)) {
      return true;
    }
  }
  if (segment.empty()) {
    return false;
  }
  return (is_positive_number(segment) && descend_capturing(here.number, method, path, start, segment.size(), so_far)) ||
         descend_capturing(here.text, method, path, start, segment.size(), so_far);
}

bool router::descend_capturing(
    std::size_t child, verb method, std::string_view path, std::size_t offset, std::size_t size, match& so_far
) const {
  if (child == none) {
    return false;
  }
  const auto before = so_far.captures;
  so_far.captures.add({{}, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size)});
  if (descend(child, method, path, offset + size, so_far)) {
    return true;
  }
  so_far.captures = before;
  return false;
}

bool router::arrive(const node& here, verb method, match& so_far) const {
  auto index = here.routes[index_of(method)];
  if (!index && method == verb::head) {
    index = here.routes[index_of(verb::get)];
  }
  if (index) {
    so_far.found = &routes_[*index];
    return true;
  }
  for (std::size_t other = 0; other < verb_count; ++other) {
    so_far.allowed |= here.routes[other] ? 1U << other : 0;
  }
  return false;
}

response unmatched(verb method, const router::match& match) {
  if (match.allowed == 0) {
    return problem_of(error{errc::not_found, "there is nothing at this path", ""});
  }
  const unsigned allowed = match.allowed | ((match.allowed & bit_of(verb::get)) != 0 ? bit_of(verb::head) : 0);
  std::string names;
  for (std::size_t index = 0; index < verb_count; ++index) {
    if ((allowed >> index & 1U) != 0) {
      names.append(names.empty() ? "" : ", ").append(to_string(static_cast<verb>(index)));
    }
  }
  auto refused = problem_of(
      refusal{405, "method_not_allowed", fmt::format("this path answers {}, not {}", names, to_string(method))}
  );
  refused.headers.add("Allow", names);
  return refused;
}

}  // namespace meridian::http
