#include "pg/rows.hpp"

#include <cstdlib>
#include <stdexcept>

#include <libpq-fe.h>

namespace meridian::pg {

bool row::is_null(int column) const {
  return PQgetisnull(source_, index_, column) != 0;
}

std::string_view row::text(int column) const {
  return {PQgetvalue(source_, index_, column), static_cast<std::size_t>(PQgetlength(source_, index_, column))};
}

double row::real(int column) const {
  return std::strtod(PQgetvalue(source_, index_, column), nullptr);
}

void row::throw_not_a_number(int column) const {
  throw std::logic_error("column " + std::string(PQfname(source_, column)) + " is not a number of that size");
}

void row::throw_mismatch(int column) const {
  throw std::logic_error(
      "column " + std::string(PQfname(source_, column)) + " (type " + std::to_string(type(column)) +
      ") is not of the type that is asked for"
  );
}

void row::check_exists(int column) const {
  if (column < 0 || column >= PQnfields(source_)) {
    throw std::logic_error("there is no column " + std::to_string(column));
  }
}

std::string_view row::octets(int column) const {
  constexpr int binary_format = 1;
  check_exists(column);
  if (is_null(column) || PQfformat(source_, column) != binary_format) {
    throw std::logic_error(
        "column " + std::string(PQfname(source_, column)) + (is_null(column) ? " is null" : " is not binary")
    );
  }
  return text(column);
}

binary::oid row::type(int column) const {
  return PQftype(source_, column);
}

rows::rows(pg_result* source) : source_(source) {}

int rows::size() const {
  return PQntuples(source_.get());
}
int rows::columns() const {
  return PQnfields(source_.get());
}
std::string_view rows::column_name(int column) const {
  return PQfname(source_.get(), column);
}
int rows::affected() const {
  return std::atoi(PQcmdTuples(source_.get()));
}

void rows::clear::operator()(pg_result* source) const {
  PQclear(source);
}

}  // namespace meridian::pg
