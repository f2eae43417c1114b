//! From a catalogue to findings (plain data), and from findings to a report.
