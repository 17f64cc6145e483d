"""Data that are read row by row."""


class Rows:
    """Nothing but a length and a row for an index, as a file of rows has."""

    def __init__(self, data):
        self.data = data

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.data[i]
