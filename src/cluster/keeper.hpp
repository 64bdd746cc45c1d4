// A process that starts another one again when it crashes.
#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

namespace meridian::cluster {

// Runs `work` in a child process and starts it again when it crashes, at first after a moment, then after up to two
// seconds. SIGTERM and SIGINT are passed on, and the child's end is then the end; so is a child that ends by itself
// with 0, and one that crashes before it has ever answered, since it would do so again. Answers the exit code.
//
// The child gets SIGTERM when this process dies. To be called in a process of its own, without event loop or threads.
int keep(const std::string& name, const std::function<int()>& work, const std::function<bool(pid_t)>& answers);

}  // namespace meridian::cluster
