// Failures on their way out: RFC 9457, application/problem+json. The only place that turns an errc into a status.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "http/message.hpp"

namespace meridian::http {

// `type` is "urn:meridian:error:" and the errc's name: stable, clients switch on it. An internal error keeps its
// message to itself (it may name paths and statements); whoever has it at hand logs it.
response problem_of(const error& failure);

// A failure that only HTTP knows. `type` as above, in snake_case; `detail` may be shown to a person and is valid UTF-8.
struct refusal {
  refusal() = default;
  refusal(int its_status, std::string_view its_type, std::string its_detail)
      : status(its_status), type(its_type), detail(std::move(its_detail)) {}

  int status = 500;
  std::string_view type = "internal";
  std::string detail;
};

response problem_of(const refusal& refused);

}  // namespace meridian::http
