#include "cli/command_line.hpp"

int main(int argument_count, char** arguments) {
  return meridian::cli::run_command_line(argument_count, arguments);
}
