// The values of $1, $2, ... in PostgreSQL's binary formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "pg/binary.hpp"

namespace meridian::pg {

// Owned values, copied once into wire form. Copyable; movable, and cheap to move. Each type stands for one SQL type:
//   bool boolean · int32_t integer · int64_t bigint · double double precision · text types text · timestamp timestamptz
//   · bytes bytea · optional<T> the same or NULL · vector<T> an array of one dimension (vector<optional<T>> with NULLs)
// Text must be valid UTF-8 without NUL. One value has at most 1 GB; there are at most 65,535 of them.
class arguments {
 public:
  arguments() = default;

  template <class... Values>
  explicit arguments(const Values&... values) {
    values_.reserve(sizeof...(values));
    (add(values), ...);
  }

  arguments& add(bool value) { return add_one(value); }
  arguments& add(std::int32_t value) { return add_one(value); }
  arguments& add(std::int64_t value) { return add_one(value); }
  arguments& add(double value) { return add_one(value); }
  arguments& add(std::string_view value) { return add_one(value); }
  arguments& add(const std::string& value) { return add(std::string_view(value)); }
  arguments& add(const char* value) { return add(std::string_view(value)); }
  arguments& add(timestamp value) { return add_one(value); }
  arguments& add(const bytes& value) { return add_one(value); }

  template <class Value>
  arguments& add(const std::optional<Value>& value) {
    return value ? add(*value) : add_null<Value>();
  }

  arguments& add(const std::vector<bool>& values);
  arguments& add(const std::vector<std::int32_t>& values);
  arguments& add(const std::vector<std::int64_t>& values);
  arguments& add(const std::vector<double>& values);
  arguments& add(const std::vector<std::string>& values);
  arguments& add(const std::vector<std::string_view>& values);
  arguments& add(const std::vector<bytes>& values);
  arguments& add(const std::vector<timestamp>& values);
  arguments& add(const std::vector<std::optional<std::int32_t>>& values);
  arguments& add(const std::vector<std::optional<std::int64_t>>& values);
  arguments& add(const std::vector<std::optional<std::string>>& values);
  arguments& add(const std::vector<std::optional<timestamp>>& values);

  std::size_t size() const { return values_.size(); }

  // What is sent for the value of that index, from 0: the number of its type in pg_type, and its octets; none for NULL.
  binary::oid type(std::size_t index) const { return values_[index].type; }
  std::optional<std::string_view> octets(std::size_t index) const;

 private:
  // Where a value begins in octets_; it ends where the next begins.
  struct value {
    binary::oid type;
    bool is_null;
    std::size_t begin;
  };

  template <class Value>
  struct type_of {
    static constexpr bool is_list = false;
    using element = Value;
  };
  template <class Value>
  struct type_of<std::optional<Value>> : type_of<Value> {};
  template <class Value>
  struct type_of<std::vector<Value>> {
    static constexpr bool is_list = true;
    using element = typename type_of<Value>::element;
  };

  template <class Value>
  arguments& add_one(const Value& one) {
    values_.push_back({binary::oid_of<Value>, false, octets_.size()});
    binary::encode(octets_, one);
    return *this;
  }

  template <class Value>
  arguments& add_null() {
    constexpr auto type = binary::oid_of<typename type_of<Value>::element>;
    values_.push_back({type_of<Value>::is_list ? binary::array_of(type) : type, true, octets_.size()});
    return *this;
  }

  template <class Value>
  arguments& add_list(const std::vector<Value>& list);

  std::vector<value> values_;
  std::string octets_;
};

}  // namespace meridian::pg
