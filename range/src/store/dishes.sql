SELECT id, name, category, description, price_cents
FROM dishes
WHERE (?1 IS NULL OR name LIKE ?1 ESCAPE '\')
  AND (?2 IS NULL OR category = ?2)
