// ManagedProcess
