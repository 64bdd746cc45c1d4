#include "status/status.hpp"

namespace meridian::status {

setting seen_at(setting stored, timestamp now) {
  if (stored.expires_at && *stored.expires_at <= now) {
    stored.word.reset();
    stored.text.clear();
    stored.emoji.clear();
    stored.set_at = stored.expires_at;
    stored.expires_at.reset();
  }
  if (stored.paused_until && *stored.paused_until <= now) {
    stored.paused_until.reset();
  }
  return stored;
}

}  // namespace meridian::status
