// Ctrl-C: the first one asks for a good end, the second one forces any.
#pragma once

namespace nasc {

// From now on the first SIGINT or SIGTERM makes Interrupted() true and says so on stderr; the
// second one ends the process at once with the exit status 128 + signal. A signal that whoever
// started the program had ignored (nohup, a job in the background of a script) stays ignored.
void InstallInterruptHandler();

// Whether the program was asked to stop. From any thread.
bool Interrupted();

// As if no signal had come yet; for tests.
void ClearInterrupt();

}  // namespace nasc
