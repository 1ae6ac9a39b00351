CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('customer', 'admin')),
    salt BLOB NOT NULL,
    hash BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE dishes (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL CHECK (category IN ('starter', 'main', 'dessert', 'drink')),
    description TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents > 0)
);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES accounts (name),
    number INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('placed', 'cancelled')),
    pickup TEXT NOT NULL CHECK (pickup IN ('counter', 'table')),
    note TEXT NOT NULL,
    created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_by_owner ON orders (owner, number DESC);
CREATE INDEX orders_by_number ON orders (number DESC);

CREATE TABLE order_lines (
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    dish_id INTEGER NOT NULL REFERENCES dishes (id),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 20),
    price_cents INTEGER NOT NULL,
    PRIMARY KEY (order_id, position)
) WITHOUT ROWID;

CREATE TABLE coupons (
    code TEXT PRIMARY KEY,
    percent INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO dishes (name, category, description, price_cents) VALUES
    ('Tomato soup', 'starter', 'Roasted tomatoes, basil, cream', 450),
    ('Lentil soup', 'starter', 'Red lentils, cumin, lemon', 480),
    ('Garden salad', 'starter', 'Leaves, radish, sunflower seeds', 520),
    ('Bread basket', 'starter', 'Rye, butter, sea salt', 320),
    ('Mushroom risotto', 'main', 'Porcini, parmesan, thyme', 1180),
    ('Bean chili', 'main', 'Three beans, smoked paprika, rice', 980),
    ('Roast chicken', 'main', 'Potatoes, carrots, gravy', 1250),
    ('Baked trout', 'main', 'Almonds, lemon, greens', 1420),
    ('Apple crumble', 'dessert', 'Oats, cinnamon, custard', 560),
    ('Plum dumplings', 'dessert', 'Poppy seed, butter', 590),
    ('Mint tea', 'drink', 'Fresh leaves', 280),
    ('Coffee', 'drink', 'Filter, from the pot', 250);

INSERT INTO coupons (code, percent) VALUES ('LUNCH10', 10), ('SOUPDAY25', 25);
