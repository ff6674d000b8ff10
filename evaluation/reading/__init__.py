"""Who said what: how well readers find it, on a labelled set of our own and on small files of kinds met in practice."""
