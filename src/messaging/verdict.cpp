#include "messaging/verdict.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace meridian::messaging {
namespace {

struct refusal {
  std::string_view verdict;
  errc code;
  std::string_view message;
  std::string_view remedy;
};

constexpr std::array refusals{
    refusal{"not_found", errc::not_found, "there is no such thing, or it is not yours to see", ""},
    refusal{"no_member", errc::not_found, "that profile is not in the workspace", ""},
    refusal{
        "forbidden", errc::forbidden, "your role does not allow that", "Ask an admin or an owner of the workspace."
    },
    refusal{"stale", errc::stale, "it was changed since you read it", "Read it again, and send its new ETag."},
    refusal{"taken", errc::conflict, "the workspace has a channel of that name", "Choose another name."},
    refusal{"url_taken", errc::conflict, "a workspace has that URL", "Choose another URL."},
    refusal{
        "key_used", errc::conflict, "this Idempotency-Key made something else", "Send a new key with a new request."
    },
    refusal{
        "direct", errc::conflict, "a direct channel has no name, is not archived, and keeps its people",
        "Open another one with the people that you want."
    },
    refusal{"default", errc::conflict, "the channel that everybody joins can't be archived", ""},
    refusal{"archived", errc::conflict, "the channel is archived", "Take it out of the archive first."},
    refusal{
        "stranger", errc::conflict, "not everybody named is in the workspace", "Invite them to the workspace first."
    },
    refusal{"last_owner", errc::conflict, "a workspace keeps at least one owner", "Make somebody else an owner first."},
    refusal{"used_up", errc::not_found, "the invitation is unknown, used up, revoked or expired", "Ask for a new one."},
    refusal{"again", errc::retry, "somebody did the same at the same time", "Try again."},
};

}  // namespace

bool is_granted(std::string_view verdict) {
  return verdict == "new" || verdict == "repeat" || verdict == "done";
}

error refusal_of(std::string_view verdict) {
  const auto* found = std::ranges::find(refusals, verdict, &refusal::verdict);
  if (found == refusals.end()) {
    return {errc::internal, fmt::format("a statement answered with the unknown verdict {}", verdict), ""};
  }
  return {found->code, std::string(found->message), std::string(found->remedy)};
}

error not_found() {
  return refusal_of("not_found");
}

}  // namespace meridian::messaging
