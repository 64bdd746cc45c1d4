#include "identity/account_codec.hpp"

#include "identity/person_codec.hpp"
#include "identity/token.hpp"

namespace meridian::identity {

std::string body_of(const opened_session& opened) {
  std::string body;
  json::writer out(body);
  out.begin_object().text("token", opened.token).time("expires_at", opened.expires_at).key("profile");
  write(out, opened.who);
  out.end_object();
  return body;
}

std::string items_of(const std::vector<session_facts>& sessions, std::uint64_t current) {
  std::string items;
  json::writer out(items);
  for (const auto& one : sessions) {
    out.begin_object()
        .text("id", text_of(one.number))
        .time("created_at", one.created_at)
        .time("expires_at", one.expires_at)
        .flag("current", one.number == current)
        .end_object();
  }
  return items;
}

new_account read_new_account(json::reader& body) {
  constexpr std::size_t country_size_max = 100;
  constexpr std::size_t invitation_size_max = 200;
  new_account wish;
  wish.full_name = body.text("full_name", {1, name_size_max});
  wish.email = body.text("email", {1, email_size_max});
  wish.password = body.text("password", {password_size_min, password_size_max});
  wish.country = body.text("country", {1, country_size_max});
  wish.phone = body.find_text("phone", {1, phone_size_max});
  wish.title = body.find_text("title", {0, title_size_max}).value_or("");
  wish.time_zone = body.find_text("time_zone", {1, time_zone_size_max});
  wish.invitation = body.find_text("invitation", {1, invitation_size_max});
  return wish;
}

}  // namespace meridian::identity
