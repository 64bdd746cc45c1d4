// Reminders in SQL.
#pragma once

#include "pg/rows.hpp"
#include "reminders/delivery_queue.hpp"
#include "reminders/reminder.hpp"
#include "reminders/reminder_nodes.hpp"

namespace meridian::reminders {

// One for each lane; `nodes` outlives it. Errors of the nodes come back as they are.
class reminder_store final : public delivery_queue {
 public:
  explicit reminder_store(reminder_nodes& nodes) : nodes_(nodes) {}

  // None when the maker has `open_max` that are open. A repeat answers the first one, with another id than `id`.
  task<written<std::optional<reminder>>> create(
      std::int64_t id, new_reminder wish, std::size_t open_max, deadline until
  );

  task<read_result<std::optional<reminder>>> find(
      std::int64_t id, std::int64_t reader_id, log_position least, deadline until
  );
  task<read_result<reminder_page>> list(std::int64_t reader_id, list_part part, log_position least, deadline until);

  // not_found for who is neither its person nor its maker. stale when the version is another.
  task<written<reminder>> update(std::int64_t id, std::int64_t who, reminder_change change, deadline until);
  // These two by its person only. conflict for a series.
  task<written<reminder>> snooze(std::int64_t id, std::int64_t who, timestamp notify_at, deadline until);
  task<written<reminder>> complete(std::int64_t id, std::int64_t who, deadline until);
  task<written<std::int64_t>> remove(std::int64_t id, std::int64_t who, deadline until);

  task<std::vector<claimed>> claim(claim_terms terms, deadline until) override;
  task<std::vector<claimed>> fire(std::vector<firing> series, timestamp lease, deadline until) override;
  task<void> confirm(std::vector<confirmation> announced, timestamp lease, deadline until) override;

  task<std::string> beat(deadline until) override;
  task<void> forget(deadline until) override;

 private:
  task<written<reminder>> changed_by(
      std::int64_t id, std::int64_t who, reminder_change change, bool is_snooze, error when_refused, deadline until
  );
  task<written<reminder>> one_changed(const pg::query& what, pg::arguments with, error when_refused, deadline until);

  reminder_nodes& nodes_;
};

}  // namespace meridian::reminders
