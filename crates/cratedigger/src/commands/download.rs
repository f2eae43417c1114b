//! `cratedigger download`: the dataset's official archives.
