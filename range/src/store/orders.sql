SELECT id, status, pickup, note, created_at,
       (SELECT coalesce(sum(quantity * price_cents), 0) FROM order_lines WHERE order_id = id) AS total_cents
FROM orders
