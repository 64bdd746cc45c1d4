// The words of the command line.
#pragma once

namespace meridian::cli {

// Parses the arguments and runs the command that they name; answers the exit code.
int run_command_line(int argument_count, char** arguments);

}  // namespace meridian::cli
