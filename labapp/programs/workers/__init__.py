"""Workers: who runs, and the console of one."""
