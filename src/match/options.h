// The options of a command line, as getopt(3) finds them: what Falco's getopt() asks about.
//
//   append_options({"-nt", "5", "file"}, "nt:", "", out);    // "n", "t"
//   append_options({"-nt", "5", "file"}, "nt:", "t", out);   // "5"
//
// Words that are no options are passed over wherever they stand, "--" ends the options, and letters
// that are not asked for are left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yagura::match {

// `known` lists the letters of options, a ':' behind those that take a value ("::": only one that
// is written in the same word). Appends the letters found, each once and in their order, or, with a
// `letter`, the values given to it (an option without value has the empty one). A single word with
// blanks is a whole command line.
void append_options(const std::vector<std::string>& words,
                    std::string_view known,
                    std::string_view letter,
                    std::vector<std::string>& out);

// Whether `known` is a list of letters and digits, each perhaps followed by ':' or "::".
bool is_option_list(std::string_view known);

}  // namespace yagura::match
