// What it takes to bring a topology up from nothing, written out.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "topology/topology.hpp"

namespace meridian::cluster {

// One thing to do, and why: a plan is a list of these.
struct plan_step {
  std::string part;     // the deployment that it is for; empty: all of them
  std::string where;    // "here", "on yb-usw1a.example.com", "SQL on geo-asia"
  std::string what;     // in a few words: "Start geo-americas-a"
  std::string why;      // in a sentence or two, without a final stop
  std::string command;  // what to run, a shell command or SQL, in full; secrets are variables
  bool is_sql = false;
  std::string client;  // of SQL: the shell command that takes it on its standard input
};

// Every command and statement for the topology's engine, in order. Needs no node, and changes nothing.
// invalid_argument when the engine can't do what the topology asks for.
result<std::vector<plan_step>> plan_of(const topology::topology& world);

// The step as a POSIX shell runs it: SQL is handed to its client.
std::string script_of(const plan_step& step);

// A `cat` of the text into the file, with nothing in it expanded.
std::string write_file_command(const std::string& path, const std::string& text);

}  // namespace meridian::cluster
