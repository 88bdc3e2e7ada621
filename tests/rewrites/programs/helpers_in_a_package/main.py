from shop.jobs import label_reviews

if __name__ == "__main__":
    label_reviews("reviews.txt")
