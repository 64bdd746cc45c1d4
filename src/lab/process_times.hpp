// How much processor time processes have used, from /proc.
#pragma once

#include <sys/types.h>

namespace meridian::lab {

// Of the process with all its threads, in seconds, user and system together; 0 when it is gone. To 10 ms.
double cpu_seconds_of(pid_t process);

// Of the process, of the children that it has now, and of those that have ended: a PostgreSQL server, by its first
// process.
double cpu_seconds_of_family(pid_t ancestor);

// Resident memory in bytes; 0 when it is gone.
long resident_bytes_of(pid_t process);

}  // namespace meridian::lab
