// A report and the signature that proves who made it, in one JSON file of three lines:
//
//   {"report":
//   {...}
//   ,"signature":{"algorithm":"Ed25519","public_key":"...","value":"..."}}
//
// The signature is over the bytes of the second line, without its line break: nobody has to agree on how JSON is
// written. Key and signature are URL-safe base64 without padding.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "runtime/crypto.hpp"

namespace meridian::cluster {

// `report` is JSON without a line break.
std::string seal_report(std::string_view report, const signing_key& key);

// The report in the file, when the holder of `public_key` signed it. invalid_argument for a file that is no sealed
// report, forbidden for one that somebody else signed, conflict for one that was altered.
result<std::string> open_report(std::string_view file, const std::string& public_key);

}  // namespace meridian::cluster
