#include "pg/arguments.hpp"

#include <algorithm>
#include <stdexcept>

namespace meridian::pg {
namespace {

template <class Value>
const Value* content_of(const Value& value) {
  return &value;
}
template <class Value>
const Value* content_of(const std::optional<Value>& value) {
  return value ? &*value : nullptr;
}

void put_length(std::string& out, std::size_t at, std::int32_t length) {
  std::string octets;
  binary::encode(octets, length);
  out.replace(at, octets.size(), octets);
}

}  // namespace

template <class Value>
arguments& arguments::add_list(const std::vector<Value>& list) {
  constexpr auto type = binary::oid_of<typename type_of<Value>::element>;
  constexpr std::int32_t dimensions = 1;
  constexpr std::int32_t lower_bound = 1;
  values_.push_back({binary::array_of(type), false, octets_.size()});
  binary::encode(octets_, list.empty() ? 0 : dimensions);
  const auto has_null_at = octets_.size();
  binary::encode(octets_, std::int32_t{0});
  binary::encode(octets_, static_cast<std::int32_t>(type));
  if (list.empty()) {
    return *this;
  }
  binary::encode(octets_, static_cast<std::int32_t>(list.size()));
  binary::encode(octets_, lower_bound);
  for (const auto& value : list) {
    const auto* content = content_of(value);
    const auto length_at = octets_.size();
    binary::encode(octets_, std::int32_t{-1});
    if (content == nullptr) {
      put_length(octets_, has_null_at, 1);
    } else {
      binary::encode(octets_, *content);
      put_length(octets_, length_at, static_cast<std::int32_t>(octets_.size() - length_at - sizeof(std::int32_t)));
    }
  }
  return *this;
}

arguments& arguments::add(const std::vector<bool>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::int32_t>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::int64_t>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<double>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::string>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::string_view>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<bytes>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<timestamp>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::optional<std::int32_t>>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::optional<std::int64_t>>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::optional<std::string>>& values) {
  return add_list(values);
}
arguments& arguments::add(const std::vector<std::optional<timestamp>>& values) {
  return add_list(values);
}

std::optional<std::string_view> arguments::octets(std::size_t index) const {
  const auto& one = values_[index];
  if (one.is_null) {
    return std::nullopt;
  }
  const auto end = index + 1 < values_.size() ? values_[index + 1].begin : octets_.size();
  return std::string_view(octets_).substr(one.begin, end - one.begin);
}

}  // namespace meridian::pg
