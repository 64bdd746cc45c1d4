// Profiles as JSON.
#pragma once

#include "identity/person.hpp"
#include "json/writer.hpp"

namespace meridian::identity {

// {id, full_name, email, phone, title, time_zone, country, region, main_profile_id, version, created_at,
// deactivated_at}. Whoever may see a profile may see all of it.
void write(json::writer& out, const person& shown);

// The members without the braces, for an object with more of them.
void write_members(json::writer& out, const person& shown);

}  // namespace meridian::identity
