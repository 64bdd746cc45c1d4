#include "cluster/sealed_report.hpp"

#include <optional>
#include <stdexcept>

#include <boost/json.hpp>

namespace meridian::cluster {
namespace {

namespace json = boost::json;

constexpr std::string_view before_report = "{\"report\":\n";
constexpr std::string_view before_signature = "\n,\"signature\":";
constexpr std::string_view after_signature = "}\n";

struct seal {
  std::string_view report;
  json::object signature;
};

std::optional<seal> split(std::string_view file) {
  const auto end = file.find('\n', before_report.size());
  if (!file.starts_with(before_report) || end == std::string_view::npos || !file.ends_with(after_signature)) {
    return {};
  }
  const auto rest = file.substr(end);
  if (!rest.starts_with(before_signature)) {
    return {};
  }
  const auto start = before_signature.size();
  boost::system::error_code failed;
  const auto parsed = json::parse(rest.substr(start, rest.size() - start - after_signature.size()), failed);
  if (failed || !parsed.is_object()) {
    return {};
  }
  return seal{file.substr(before_report.size(), end - before_report.size()), parsed.as_object()};
}

std::string member(const json::object& of, std::string_view name) {
  const auto* found = of.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

std::string framed(std::string_view report, const std::string& public_key, const std::string& signature) {
  const json::object members{{"algorithm", "Ed25519"}, {"public_key", public_key}, {"value", signature}};
  std::string out(before_report);
  out += report;
  out += before_signature;
  out += json::serialize(members);
  out += after_signature;
  return out;
}

}  // namespace

std::string seal_report(std::string_view report, const signing_key& key) {
  if (report.find('\n') != std::string_view::npos) {
    throw std::invalid_argument("a report to sign must be one line");
  }
  return framed(report, key.open, sign(report, key.secret));
}

result<std::string> open_report(std::string_view file, const std::string& public_key) {
  const auto parts = split(file);
  // Nothing may stand in the frame but what belongs there.
  if (!parts ||
      file != framed(parts->report, member(parts->signature, "public_key"), member(parts->signature, "value"))) {
    return error{
        errc::invalid_argument, "this is not a signed report, or its frame was altered",
        "A report is what `meridian audit residency --report FILE` wrote, byte for byte."
    };
  }
  if (member(parts->signature, "public_key") != public_key) {
    return error{
        errc::forbidden, "the report was signed with another key than this topology's",
        "Verify it with the topology that made it (--topology FILE)."
    };
  }
  if (!is_signed_by(parts->report, member(parts->signature, "value"), public_key)) {
    return error{
        errc::conflict, "the report was altered after it had been signed: the signature does not match",
        "Don't rely on it; make a new one: meridian audit residency --report FILE"
    };
  }
  return std::string(parts->report);
}

}  // namespace meridian::cluster
