#include "cli/cli.h"

int main(int argc, char** argv) {
    return yagura::cli::run(argc, argv);
}
