// What is said about the command line itself: help in the reader's language, and what is wrong
// with the words that were typed.
//
//   speak(program);                                   // before commands and options are added
//   … program.parse(argc, argv) throws `error` …
//   complain(usage_sentence(program, error));         // there is no option --fromat (did you mean
//   '--format'?)
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
class ParseError;
}  // namespace CLI

namespace yagura::cli {

// Headings of help; commands added later inherit them.
void speak(CLI::App& program);

// Makes "-1" an error for every option that counts, of `program` and the commands added so far:
// CLI11 takes it for 2^64 - 1.
void refuse_negative_counts(CLI::App& program);

// `program` after parse() threw `error`. What the library says itself when we have no better words.
std::string usage_sentence(const CLI::App& program, const CLI::ParseError& error);

// The sentence, and in brackets which of `names` was probably meant by `word`, if any.
std::string with_suggestion(std::string sentence,
                            std::string_view word,
                            const std::vector<std::string>& names);

// What an option accepts when it is one of a list, else nothing.
std::vector<std::string> choices_of(const CLI::Option& option);

// "yagura rules lint": as far as commands were understood.
std::string command_line_of(const CLI::App& program);

}  // namespace yagura::cli
