// What a query answered.
#pragma once

#include <charconv>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pg/binary.hpp"

struct pg_result;

namespace meridian::pg {

// One row of `rows`, valid as long as they are. Column numbers start at 0 and must exist.
class row {
 public:
  bool is_null(int column) const;

  // Null reads as empty.
  std::string_view text(int column) const;

  // The column as a number; null or anything else is a bug and throws std::logic_error.
  template <std::integral Number>
  Number number(int column) const {
    const auto digits = text(column);
    Number value{};
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc() || end != digits.data() + digits.size()) {
      throw_not_a_number(column);
    }
    return value;
  }

  double real(int column) const;

  // PostgreSQL's 't' and 'f'.
  bool boolean(int column) const { return text(column) == "t"; }

  // The column of a binary result (pool::run) as a bool, int32_t, int64_t, double, timestamp, bytes, std::string or
  // std::string_view (into the rows), optional<T> where it may be null, vector<T> for an array. The column's type may
  // be narrower, never another: that, or a null without optional, is a bug and throws std::logic_error.
  template <class Value>
  Value get(int column) const {
    Value value{};
    read(column, value);
    return value;
  }

 private:
  friend class rows;
  row(const pg_result* source, int index) : source_(source), index_(index) {}
  [[noreturn]] void throw_not_a_number(int column) const;
  [[noreturn]] void throw_mismatch(int column) const;
  void check_exists(int column) const;

  // The octets of a binary column that is not null.
  std::string_view octets(int column) const;
  binary::oid type(int column) const;

  template <class Value>
  void read(int column, Value& value) const {
    if (!binary::decode(type(column), octets(column), value)) {
      throw_mismatch(column);
    }
  }

  template <class Value>
  void read(int column, std::optional<Value>& value) const {
    check_exists(column);
    if (!is_null(column)) {
      read(column, value.emplace());
    }
  }

  template <class Value>
  void read(int column, std::vector<Value>& values) const {
    binary::array list;
    if (!binary::decode(octets(column), list)) {
      throw_mismatch(column);
    }
    values.reserve(list.elements.size());
    for (const auto& element : list.elements) {
      Value value{};
      if (!read_element(list.type, element, value)) {
        throw_mismatch(column);
      }
      values.push_back(std::move(value));
    }
  }

  template <class Value>
  static bool read_element(binary::oid type, const binary::array::element& element, Value& value) {
    return !element.is_null && binary::decode(type, element.octets, value);
  }

  template <class Value>
  static bool read_element(binary::oid type, const binary::array::element& element, std::optional<Value>& value) {
    return element.is_null || binary::decode(type, element.octets, value.emplace());
  }

  const pg_result* source_;
  int index_;
};

// The rows of one statement, owned; movable, cheap to move.
class rows {
 public:
  explicit rows(pg_result* source);

  int size() const;
  bool empty() const { return size() == 0; }
  row operator[](int index) const { return {source_.get(), index}; }

  int columns() const;
  std::string_view column_name(int column) const;

  // How many rows an INSERT, UPDATE or DELETE touched.
  int affected() const;

  class iterator {
   public:
    iterator(const rows* source, int index) : source_(source), index_(index) {}
    row operator*() const { return (*source_)[index_]; }
    iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const iterator& other) const { return index_ != other.index_; }

   private:
    const rows* source_;
    int index_;
  };
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, size()}; }

 private:
  struct clear {
    void operator()(pg_result* source) const;
  };
  std::unique_ptr<pg_result, clear> source_;
};

}  // namespace meridian::pg
